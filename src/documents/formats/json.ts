import type { Extraction } from "../block.ts";
import { textLines } from "./text.ts";

/**
 * Keeps JSON as it is written, keys and syntax included, as the service does. It is not parsed:
 * depth, size and mistakes of the document cannot hurt. Blank lines are dropped.
 */
export function readJson(text: string): Extraction {
  const lines = textLines(text).filter((line) => line.trim() !== "");
  return { blocks: [{ kind: "code", text: lines.join("\n") }], warnings: [] };
}
