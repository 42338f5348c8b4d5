import type { Outgoing } from "./exchange.ts";
import { textAnswer } from "./page-answer.ts";

/** A copy of a document, as its address opens it. */
export type OpenedContent = {
  readonly mimeType: string;
  readonly fileName: string;
  readonly body: AsyncIterable<Uint8Array>;
};

const nameLengthMax = 200;

/**
 * The answer to `GET /content/{token}`, an address that GetDocumentContent made. Documents come
 * from anywhere: they are offered for saving, and a browser that shows one runs nothing of it.
 */
export function contentAnswer(opened: OpenedContent | undefined): Outgoing {
  if (opened === undefined) {
    return textAnswer(404, "This address has expired, or the document has changed or gone.\n");
  }
  const { headers } = textAnswer(200, "", {
    "content-type": withCharset(opened.mimeType),
    "content-disposition": disposition(opened.fileName),
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
  });
  return { status: 200, headers, body: opened.body };
}

/** Texts go out as they came; most are UTF-8, and a mark at their start says so where they are not. */
function withCharset(mimeType: string): string {
  return mimeType === "application/json"
    ? mimeType
    : mimeType.replace(/^text\/.*$/, "$&; charset=utf-8");
}

/** "Use of the Content-Disposition Header Field in HTTP", RFC 6266. */
function disposition(fileName: string): string {
  const name = [...fileName.toWellFormed().replace(/[\p{C}\\/]/gu, "_")].slice(-nameLengthMax);
  const encoded = encodeURIComponent(name.join("")).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename*=UTF-8''${encoded === "" ? "document" : encoded}`;
}
