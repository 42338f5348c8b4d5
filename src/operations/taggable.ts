import { type Resource, resources } from "../store/store.ts";
import type { Call } from "./call.ts";
import { notFound } from "./not-found.ts";

/** The resource of the caller's account that an ARN names; all that have an ARN can be tagged. */
export async function requireTaggable(call: Call, resourceArn: string): Promise<Resource> {
  const resource = await resources.findByArn(call.db.read, resourceArn);
  if (resource === undefined || resource.accountId !== call.caller.accountId) {
    throw notFound("resource", resourceArn);
  }
  return resource;
}
