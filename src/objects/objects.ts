/**
 * Buckets of objects to read: a folder as a bucket, or any S3-compatible store. Written is only what
 * a function that enriches documents is to fetch, below a prefix of its own.
 *
 * Words: a *bucket* holds *objects* under *keys*; an *etag* changes whenever an object may have
 * changed; a *content hash* tells whether it really has. Expected failures are values.
 *
 * Not for: permissions (the caller's role is checked before it comes here), caching.
 */
import { createFolderBucket } from "./folder-bucket.ts";
import { failed, type Failed, type ObjectStore } from "./object-store.ts";
import type { ObjectWriter, WritableStore } from "./object-writer.ts";
import {
  type AssumeRoleOptions,
  createRoleSessions,
  type RoleSessions,
} from "./role-credentials.ts";
import { type BucketRole, createRoleStores } from "./role-stores.ts";
import { type Agents, createS3Buckets, type S3Options } from "./s3-bucket.ts";

export { compareKeys } from "./key-order.ts";
export { failed, isPassing } from "./object-store.ts";
export type {
  Failed,
  FailureKind,
  GetRequest,
  GotFile,
  GotObject,
  HeadRequest,
  ListedObject,
  ListPage,
  ListRequest,
  ObjectFacts,
  ObjectFailure,
  ObjectStore,
} from "./object-store.ts";
export { exchangePrefix, type ObjectWriter } from "./object-writer.ts";
export type { BucketRole } from "./role-stores.ts";
export type { S3Options } from "./s3-bucket.ts";

/** All buckets, and the same as a role sees them. */
export type Objects = ObjectStore & {
  /**
   * Where roles are assumed (`assumeRole`), the S3 store with the role's own session; folders, and
   * all buckets elsewhere, stay what they are. Kept for each role: asking again is cheap.
   */
  readonly asRole: (role: BucketRole) => ObjectStore;
  /** Writes as a role, for functions that fetch what they are to work on from a bucket. */
  readonly writeAs: (role: BucketRole) => ObjectWriter;
  /** The same, with the S3 store reached by these agents and no other way; to be disposed of. */
  readonly through: (agents: Agents) => Objects & AsyncDisposable;
};

/**
 * An object store that routes by bucket name: to a folder where one is given, to the S3 store
 * otherwise. Without an S3 store an unknown bucket is a `noSuchBucket`.
 *
 * @example
 * await using objects = createObjectStore({ buckets: { handbook: "./handbook" } });
 * await objects.bucketExists({ bucket: "handbook" }); // { kind: "exists" }
 */
export function createObjectStore(options: ObjectStoreOptions): Objects & AsyncDisposable {
  const { s3, assumeRole } = options;
  if (s3 === undefined || assumeRole === undefined) return openStore(options, undefined);
  const { region, timeouts } = s3;
  const waitMs = timeouts?.silenceMs ?? 30_000;
  return openStore(options, createRoleSessions({ ...assumeRole, region, waitMs }, rolesMax));
}

type ObjectStoreOptions = {
  readonly buckets: Readonly<Record<string, string>>;
  readonly s3?: S3Options;
  /** Reads the S3 store as the roles that `asRole` names; its own credentials only assume them. */
  readonly assumeRole?: Omit<AssumeRoleOptions, "region" | "waitMs">;
};

/** Sessions are shared by all ways to the store: they are the roles', not the ways'. */
function openStore(
  options: ObjectStoreOptions,
  sessions: RoleSessions | undefined,
): Objects & AsyncDisposable {
  const folders = new Map(
    Object.entries(options.buckets).map(([name, folder]) => [name, createFolderBucket(folder)]),
  );
  const s3 = options.s3 === undefined ? undefined : createS3Buckets(options.s3);
  const roles = roleStores(options, sessions);
  const routed = (elsewhere: ObjectStore): ObjectStore =>
    routedStore((bucket) => folders.get(bucket) ?? elsewhere);
  const everything = routed(s3 ?? nowhere);
  return {
    ...everything,
    asRole: (role) => (roles === undefined ? everything : routed(roles.of(role))),
    writeAs: (role) =>
      routedWriter((bucket) => folders.get(bucket) ?? roles?.of(role) ?? s3 ?? nowhere),
    through: (agents) =>
      openStore({ ...options, ...(options.s3 && { s3: { ...options.s3, agents } }) }, sessions),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([s3?.close(), roles?.close()]);
    },
  };
}

const routedStore = (of: (bucket: string) => ObjectStore): ObjectStore => ({
  list: (request) => of(request.bucket).list(request),
  head: (request) => of(request.bucket).head(request),
  get: (request) => of(request.bucket).get(request),
  getToFile: (request) => of(request.bucket).getToFile(request),
  bucketExists: (request) => of(request.bucket).bucketExists(request),
});

const routedWriter = (of: (bucket: string) => ObjectWriter): ObjectWriter => ({
  put: (request) => of(request.bucket).put(request),
  remove: (request) => of(request.bucket).remove(request),
});

/** Roles whose sessions and clients are kept. */
const rolesMax = 200;

function roleStores(
  { s3 }: ObjectStoreOptions,
  sessions: RoleSessions | undefined,
): ReturnType<typeof createRoleStores<ReturnType<typeof createS3Buckets>>> | undefined {
  if (s3 === undefined || sessions === undefined) return undefined;
  return createRoleStores(
    (role) => createS3Buckets({ ...s3, credentials: sessions.of(role) }),
    rolesMax,
  );
}

const missing = (request: { readonly bucket: string }): Failed =>
  failed("noSuchBucket", request, `There is no bucket "${request.bucket}".`);

const nowhere: WritableStore = {
  put: async (request) => missing(request),
  remove: async (request) => missing(request),
  async *list(request) {
    yield missing(request);
  },
  head: async (request) => missing(request),
  get: async (request) => missing(request),
  getToFile: async (request) => missing(request),
  bucketExists: async (request) => missing(request),
};
