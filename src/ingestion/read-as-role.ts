import { guardedStore, roleAccess } from "./role-access.ts";
import type { SyncServices } from "./sync-services.ts";

/** An object that a call named, and the role that may read it. */
export type RoleObject = {
  readonly bucket: string;
  readonly objectKey: string;
  readonly roleArn: string;
  readonly applicationArn: string;
};

/** The object's bytes, or why they cannot be read, in one sentence. */
export type ReadObject =
  | { readonly bytes: Uint8Array }
  | { readonly errorCode: "InvalidRequest" | "ResourceNotFound"; readonly errorMessage: string };

const objectBytesMax = 50 * 1024 * 1024;

/**
 * Reads an object as the role that the call named; every access is checked against its policies.
 *
 * @throws Error where the object store cannot be reached, which may pass.
 */
export async function readAsRole(
  services: SyncServices,
  { bucket, objectKey: key, roleArn, applicationArn }: RoleObject,
  { sessionName, signal }: { readonly sessionName: string; readonly signal: AbortSignal },
): Promise<ReadObject> {
  const { identity, region, now, objects } = services;
  const assumed = await identity.assumeAsService({
    roleArn,
    service: "qbusiness.amazonaws.com",
    sourceArn: applicationArn,
    sessionName,
  });
  if (assumed.kind !== "assumed") {
    return { errorCode: "InvalidRequest", errorMessage: assumed.message };
  }
  const bucketOwner = identity.accountId;
  const access = roleAccess({ identity, role: assumed.caller, region, bucketOwner, now });
  const store = guardedStore(objects, access);
  const got = await store.get({ bucket, key, maxBytes: objectBytesMax, signal });
  if (got.kind === "object") return { bytes: got.bytes };
  const { kind, message: errorMessage } = got.failure;
  if (kind === "unreachable" || kind === "timedOut") throw new Error(errorMessage);
  const isMissing = kind === "noSuchKey" || kind === "noSuchBucket";
  return { errorCode: isMissing ? "ResourceNotFound" : "InvalidRequest", errorMessage };
}
