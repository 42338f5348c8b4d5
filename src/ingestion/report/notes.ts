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
  const { key, reason, documentId = `s3://${bucket}/${key}` } = item;
  switch (reason) {
    case "failedBefore":
      // Which document failed before, the connector's memory knows.
      return note({ key, documentId: undefined, reason });
    case "clashBefore":
    case "unsupported":
    case "empty":
    case "tooLarge":
      return note({ key, documentId, reason });
    default:
      // What the filters leave out, and control files, are no documents.
      return undefined;
  }
}
