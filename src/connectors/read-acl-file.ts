import type { ObjectStore } from "../objects/objects.ts";
import { aclFileBytesMax, parseAclFile, type AclFile } from "./acl-file.ts";
import { failureCode } from "./failure-codes.ts";
import type { S3Settings } from "./settings.ts";

/** Why a sync cannot start: nothing may be added, changed or deleted. */
export type JobFailure = { readonly code: string; readonly message: string };

/**
 * Reads the ACL file that the settings name, at the start of every sync.
 *
 * @returns the file, undefined where none is configured, or the failure of the whole job
 */
export async function readAclFile(
  store: ObjectStore,
  settings: S3Settings,
  signal?: AbortSignal,
): Promise<AclFile | undefined | JobFailure> {
  const { bucket, aclFileKey: key, bucketOwnerAccountId } = settings;
  if (key === undefined) return undefined;
  const owner = bucketOwnerAccountId === undefined ? {} : { expectedOwner: bucketOwnerAccountId };
  const request = { bucket, key, ...owner, maxBytes: aclFileBytesMax };
  const got = await store.get(signal === undefined ? request : { ...request, signal });
  if (got.kind === "failed") {
    const { kind, message } = got.failure;
    const code = kind === "tooLarge" ? "S3-5103" : failureCode(got.failure, "aclFile");
    return { code, message: `The ACL file cannot be read. ${message}` };
  }
  const file = parseAclFile(got.bytes, bucket);
  if (!("error" in file)) return file;
  return { code: file.code, message: `The ACL file "${key}" is not valid: ${file.error}.` };
}
