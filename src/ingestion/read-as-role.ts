import type { ObjectFailure, ObjectStore } from "../objects/objects.ts";
import { guardedStore, roleAccess } from "./role-access.ts";
import type { SyncServices } from "./sync/services.ts";

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
  | {
      readonly errorCode: "InvalidRequest" | "ResourceNotFound";
      readonly errorMessage: string;
      /** It can be had, but not in memory. */
      readonly isTooLarge?: boolean;
    };

/** The object is in the file now, or why it cannot be. */
export type FetchedObject = { readonly path: string } | Exclude<ReadObject, { bytes: Uint8Array }>;

type Session = { readonly sessionName: string; readonly signal: AbortSignal };

const objectBytesMax = 50 * 1024 * 1024;

/**
 * Reads an object as the role that the call named; every access is checked against its policies.
 *
 * @throws Error where the object store cannot be reached, which may pass.
 */
export async function readAsRole(
  services: SyncServices,
  object: RoleObject,
  session: Session,
): Promise<ReadObject> {
  const store = await storeOfRole(services, object, session);
  if ("errorCode" in store) return store;
  const { signal } = session;
  const request = { bucket: object.bucket, key: object.objectKey, signal };
  const got = await store.get({ ...request, maxBytes: objectBytesMax });
  return got.kind === "object" ? { bytes: got.bytes } : refused(got.failure);
}

/** As `readAsRole`, into a file, for objects that are too large for memory. */
export async function fetchAsRole(
  services: SyncServices,
  object: RoleObject,
  { file, maxBytes, ...session }: Session & { readonly file: string; readonly maxBytes: number },
): Promise<FetchedObject> {
  const store = await storeOfRole(services, object, session);
  if ("errorCode" in store) return store;
  const { signal } = session;
  const request = { bucket: object.bucket, key: object.objectKey, signal };
  const got = await store.getToFile({ ...request, file, maxBytes });
  return got.kind === "file" ? { path: got.file } : refused(got.failure);
}

type Refused = Exclude<ReadObject, { bytes: Uint8Array }>;

async function storeOfRole(
  services: SyncServices,
  { roleArn, applicationArn }: RoleObject,
  { sessionName }: Session,
): Promise<ObjectStore | Refused> {
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
  const { decryptObject } = services;
  const role = assumed.caller;
  const access = roleAccess({ identity, role, region, bucketOwner, now, decryptObject });
  return guardedStore(objects.asRole({ arn: roleArn, sessionName }), access);
}

function refused({ kind, message: errorMessage }: ObjectFailure): Refused {
  if (kind === "unreachable" || kind === "timedOut") throw new Error(errorMessage);
  const isMissing = kind === "noSuchKey" || kind === "noSuchBucket";
  const errorCode = isMissing ? "ResourceNotFound" : "InvalidRequest";
  return { errorCode, errorMessage, ...(kind === "tooLarge" && { isTooLarge: true }) };
}
