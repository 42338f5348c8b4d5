import type { PlanItem } from "../../connectors/connectors.ts";
import type { UnchangedWriter } from "./file.ts";

/** Notes an item of a plan if it leaves an object alone; all others get a line when they are done. */
export function notePlanItem(
  { note }: Pick<UnchangedWriter, "note">,
  item: PlanItem,
  bucket: string,
): Promise<void> | undefined {
  if (item.action === "unmodified") {
    const { key, documentId } = item;
    return note({ key, documentId, reason: "unmodified" });
  }
  if (item.action !== "skip") return undefined;
  const { key, reason } = item;
  // Which document failed before, the connector's memory knows.
  if (reason === "failedBefore") return note({ key, documentId: undefined, reason });
  // What the filters leave out, and control files, are no documents.
  if (reason !== "empty" && reason !== "tooLarge") return undefined;
  return note({ key, documentId: `s3://${bucket}/${key}`, reason });
}
