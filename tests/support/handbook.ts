import { BatchPutDocumentCommand, UpdateIndexCommand } from "@aws-sdk/client-qbusiness";
import { settled, type Site } from "./site.ts";

const texts = [
  {
    id: "leave",
    title: "Leave policy",
    text: "Full-time employees have thirty days of paid annual leave. Part-time employees have fifteen days of paid annual leave.",
    department: "people",
  },
  {
    id: "meals",
    title: "Travel rules",
    text: "The limit for meals while travelling is 42 euros a day. Receipts for meals are due within ten days.",
    department: "finance",
  },
] as const;

/** A question that the first of the documents answers. */
export const question = "How many days of paid annual leave do full-time employees have?";

/** Puts two short documents with a department each, and waits until they can be asked for. */
export async function putHandbook(site: Site): Promise<void> {
  const { applicationId, indexId, client } = site;
  await client.send(
    new UpdateIndexCommand({
      applicationId,
      indexId,
      documentAttributeConfigurations: [{ name: "department", type: "STRING" }],
    }),
  );
  await client.send(
    new BatchPutDocumentCommand({
      applicationId,
      indexId,
      documents: texts.map(({ id, title, text, department }) => ({
        id,
        title,
        contentType: "PLAIN_TEXT",
        content: { blob: Buffer.from(text) },
        attributes: [{ name: "department", value: { stringValue: department } }],
      })),
    }),
  );
  await settled(site);
}
