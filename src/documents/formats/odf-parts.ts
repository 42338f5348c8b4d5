import { DocumentFailure } from "../failure.ts";
import { withoutDoctype } from "./doctype.ts";
import { readOdfMarkup } from "./odf-names.ts";
import { openOfficeFile, writtenTitle } from "./office-parts.ts";
import type { OfficeParts } from "./office-parts.ts";
import { authoredTitle } from "./title.ts";

/** What readers need of an OpenDocument file. */
export type OpenDocument = {
  /** XML of the document itself, and of the styles it refers to, without declarations. */
  readonly content: string;
  readonly styles: string;
  /** What its author called it. */
  readonly title: string | undefined;
  readonly warnings: readonly string[];
};

const manifest = "META-INF/manifest.xml";
const inManifest = new Set(["manifest:file-entry"]);
/** Parts that are read, and the one that stands for all where the package is encrypted as a whole. */
const readParts = new Set(["content.xml", "styles.xml", "meta.xml", "encrypted-package"]);

/**
 * Checks the container and opens an OpenDocument file. Source: OASIS OpenDocument 1.3 part 2,
 * "Packages".
 *
 * @throws DocumentFailure for bombs, broken files, files under a password and XML that would blow up
 */
export function openOpenDocument(bytes: Buffer): OpenDocument {
  const parts = openOfficeFile(bytes);
  if (isEncrypted(parts)) {
    const reason = "The file is protected by a password. Save it without one and add it again.";
    throw new DocumentFailure("encrypted", reason);
  }
  const { rest: content, warnings } = withoutDoctype(parts.text("content.xml") ?? "");
  if (!/<(?:[\w.-]{1,64}:)?body[\s/>]/.test(content)) {
    const reason =
      "The OpenDocument file is damaged and holds no content. Save it again in the program that made it.";
    throw new DocumentFailure("corrupt", reason);
  }
  const styles = withoutDoctype(parts.text("styles.xml") ?? "").rest;
  return { content, styles, title: authoredTitle(writtenTitle(parts, "meta.xml")), warnings };
}

function isEncrypted(parts: OfficeParts): boolean {
  let isFound = false;
  let part = "";
  readOdfMarkup(
    withoutDoctype(parts.text(manifest) ?? "").rest,
    {
      open(name, attributes) {
        if (name === "manifest:file-entry") part = attributes.get("manifest:full-path") ?? "";
        else if (name === "manifest:encryption-data" && readParts.has(part)) isFound = true;
      },
      close: (name) => void (part = name === "manifest:file-entry" ? "" : part),
      text: () => undefined,
    },
    { attributesOf: inManifest },
  );
  return isFound;
}
