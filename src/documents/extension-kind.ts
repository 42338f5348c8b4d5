import { formatOfExtension, formats } from "./formats.ts";

/**
 * Whether an extension, without its dot, stands for a format that is text, which bytes alone do not
 * tell apart, or for one that shows in the bytes; undefined where it stands for none that is read.
 */
export function kindOfExtension(extension: string): "text" | "binary" | undefined {
  const format = formatOfExtension(extension.toLowerCase());
  if (format === undefined) return undefined;
  return formats[format].container === "text" ? "text" : "binary";
}
