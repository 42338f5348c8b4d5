import { repeatedMember } from "./repeated-member.ts";

/** JSON, or why the bytes are none. */
export type StrictJson = { readonly value: unknown } | { readonly error: string };

/**
 * Reads JSON as the connector's control files must be written: UTF-8 without byte-order mark, and
 * no name twice in one object.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { error: "it starts with a byte-order mark" };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return { error: "it is not UTF-8" };
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    const repeated = repeatedMember(text);
    if (repeated === undefined) return { value };
    return { error: `it names "${repeated.slice(0, 100)}" twice in one object` };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: "it is not JSON" };
    throw error;
  }
}
