import type { ContentCipher } from "../core/content-cipher.ts";
import type { Ingestion } from "../ingestion/ingestion.ts";

/**
 * Writes contents to the disk, all of them or none; gives their names in the same order.
 *
 * @throws Error of the disk, with nothing left of what was written before.
 */
export async function stageContents(
  staging: Pick<Ingestion["staging"], "put" | "remove">,
  contents: readonly Uint8Array[],
  cipher: ContentCipher,
): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for (const content of contents) names.push(await staging.put(content, cipher));
    return names;
  } catch (error) {
    for (const name of names) await staging.remove(name);
    throw error;
  }
}
