import type { Application, Tag } from "../../contract/contract.ts";
import { type Client, ServiceError } from "../client/client.ts";
import { listApplications } from "../listings.ts";

/** The tag by which the demo knows its own resources again, whatever they are called by then. */
export const demoTag: Tag = { key: "quarry:demo", value: "true" };

/** Whether a resource was made by the demo; one that has gone meanwhile was not. */
export async function isMarked(client: Client, resourceARN: string): Promise<boolean> {
  try {
    const { tags = [] } = await client.call("ListTagsForResource", { resourceARN });
    return tags.some(({ key, value }) => key === demoTag.key && value === demoTag.value);
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ResourceNotFoundException") return false;
    throw error;
  }
}

/** The demo's application with its ARN, wherever it got to; undefined when there is none. */
export async function findDemoApplication(
  client: Client,
): Promise<(Application & { readonly applicationArn: string }) | undefined> {
  for await (const application of listApplications(client)) {
    const { applicationId, status } = application;
    if (applicationId === undefined || status === "DELETING" || status === "FAILED") continue;
    const { applicationArn } = await client.call("GetApplication", { applicationId });
    if (applicationArn !== undefined && (await isMarked(client, applicationArn))) {
      return { ...application, applicationArn };
    }
  }
  return undefined;
}
