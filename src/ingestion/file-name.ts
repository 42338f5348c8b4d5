import { extname } from "node:path";
import { kindOfExtension } from "../documents/documents.ts";
import type { Attribute } from "../search/search.ts";

/**
 * A name for the content of a document that was put: by its extension the format is told where
 * neither the call nor the bytes say it. The key of an object counts as it is. Of a document that
 * has none, `_file_type`, the id and the title may say which format a text has; they are words, so
 * that an ending such as that of "Node.js" or "www.example.com" says nothing.
 *
 *     fileNameOf({ documentId: "kb-17", title: "Notes.md", attributes: [] }) // "kb-17.md"
 */
export function fileNameOf(
  document: {
    readonly documentId: string;
    readonly title: string;
    readonly attributes: readonly Attribute[];
  },
  objectKey?: string,
): string {
  const { documentId, title, attributes } = document;
  if (objectKey !== undefined && extname(objectKey) !== "") return objectKey;
  const type = attributes.find(({ name }) => name === "_file_type")?.value.stringValue ?? "";
  const typed = extensionOfType(type);
  const name = objectKey ?? documentId;
  const own = extname(name);
  if (kindOf(typed) !== "text" && kindOf(own) !== undefined) return name;
  const extension = [typed, extname(title)].find((hint) => kindOf(hint) === "text") ?? "";
  if (extension === own) return name;
  const start = name.lastIndexOf("/") + 1;
  return name.slice(0, start) + name.slice(start).replaceAll(".", "_") + extension;
}

function kindOf(extension: string): ReturnType<typeof kindOfExtension> {
  return kindOfExtension(extension.slice(1));
}

/** The attribute holds an extension, or a value of `contentType`. */
function extensionOfType(type: string): string {
  return type.toUpperCase() === "PLAIN_TEXT" ? ".txt" : `.${type.toLowerCase()}`;
}
