import type { Format } from "./formats.ts";

/** The encoding an HTML or XML document says it has, as written; looks at the first kilobyte. */
export function declaredEncoding(bytes: Buffer, format: Format): string | undefined {
  const head = bytes.toString("latin1", 0, 1024);
  if (format === "html") return /charset\s{0,4}=\s{0,4}["']?([\w-]{2,40})/i.exec(head)?.[1];
  if (format !== "xml" && format !== "xslt") return undefined;
  return /^\s{0,8}<\?xml[^>]{0,200}encoding\s{0,4}=\s{0,4}["']([\w-]{2,40})/.exec(head)?.[1];
}
