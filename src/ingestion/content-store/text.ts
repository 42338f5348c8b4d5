import type { Chunk, Format } from "../../documents/documents.ts";
import { ownTextsOf, plainTextOf } from "../enrich/text.ts";

type Element = {
  readonly elementType: "TEXT" | "SECTION" | "TABLE";
  readonly text: string;
  readonly sectionTitle?: string;
  readonly sectionBody?: string;
  readonly htmlDocumentTitle?: string;
};

const tableFormats: ReadonlySet<Format> = new Set<Format>(["csv", "xlsx", "xls", "ods"]);

/**
 * The extracted text of a document, as "GetDocumentContent Output Schema" (Amazon Q Business user
 * guide) has it: plain texts as one text, all others as elements, in reading order. Elements are
 * the document's chunks without what they repeat; tokens, cells of tables and media are left out.
 * Chunks keep tables as lines: where a cell holds a bar, or a row ends in empty ones, nobody could
 * tell any more which cells there were, and `tableRows` would be a guess.
 */
export function extractedContent(extracted: {
  readonly format: Format;
  readonly title?: string | undefined;
  readonly chunks: readonly Chunk[];
}): Buffer {
  const { format, title, chunks } = extracted;
  const content =
    format === "txt"
      ? { plainTextDocumentContent: plainTextOf(chunks) }
      : {
          nonPlainTextDocumentContent: ownTextsOf(chunks).map(({ chunk, text }) =>
            elementOf(text, chunk, { format, title }),
          ),
        };
  return Buffer.from(JSON.stringify({ schemaVersionId: "V1", outputFormat: "JSON", ...content }));
}

function elementOf(
  text: string,
  { headingPath }: Chunk,
  { format, title }: { readonly format: Format; readonly title: string | undefined },
): Element {
  const named = format === "html" && title !== undefined ? { htmlDocumentTitle: title } : {};
  if (tableFormats.has(format)) return { elementType: "TABLE", text, ...named };
  const sectionTitle = headingPath.at(-1);
  if (sectionTitle === undefined) return { elementType: "TEXT", text, ...named };
  return { elementType: "SECTION", text, sectionTitle, sectionBody: text, ...named };
}
