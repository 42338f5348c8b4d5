import { type AccessStep, requiredPermissions } from "../connectors/connectors.ts";
import type { Clock } from "../core/clock.ts";
import type { Caller, Identity } from "../identity/identity.ts";
import { type Failed, failed, type ObjectStore } from "../objects/objects.ts";

/** Asks, before each access, whether the data source's role may make it. */
export type RoleAccess = {
  /** Undefined where it may, else the denial in the service's words. */
  readonly refusal: (step: AccessStep) => Promise<string | undefined>;
};

/**
 * The accesses of one sync, as its role. Policies are evaluated before every single access, also
 * when the bucket is a folder: what changes in between counts from the next access on. Source:
 * "IAM role for an Amazon S3 data source", user guide.
 */
export function roleAccess(options: {
  readonly identity: Identity;
  readonly role: Caller;
  readonly region: string;
  /** The account that owns the bucket; undefined for a bucket that nobody owns. */
  readonly bucketOwner: string | undefined;
  readonly now: Clock;
}): RoleAccess {
  const { identity, role, region, bucketOwner, now } = options;
  return {
    refusal: async (step) => {
      const resourceAccount = bucketOwner ?? "";
      for (const permission of requiredPermissions(step, { region, resourceAccount })) {
        const { action, resource, context } = permission;
        const isOwned = !action.startsWith("s3:") || bucketOwner !== undefined;
        const { "aws:ResourceAccount": owner, ...serviceKeys } = context;
        const verdict = await identity.authorize(role, {
          action,
          resources: [
            {
              arn: resource,
              // The bucket's own policy is its store's to enforce; here the role's side counts.
              account: role.accountId,
              context: isOwned && owner !== undefined ? { "aws:ResourceAccount": owner } : {},
            },
          ],
          serviceKeys,
          facts: { now: now(), region, isSecure: true, sourceIp: serviceAddress },
        });
        if (!verdict.isAllowed) return verdict.message;
      }
      return undefined;
    },
  };
}

/** The service acts from inside; no address of a client stands behind it. */
const serviceAddress = "127.0.0.1";

/** An object store that makes no access that the role may not make. */
export function guardedStore(store: ObjectStore, access: RoleAccess): ObjectStore {
  const denied = async (
    step: Extract<AccessStep, { bucket: string }>,
  ): Promise<Failed | undefined> => {
    const message = await access.refusal(step);
    if (message === undefined) return undefined;
    const where = { bucket: step.bucket, ...("key" in step ? { key: step.key } : {}) };
    return failed("denied", where, message);
  };
  const read = ({ bucket, key }: { readonly bucket: string; readonly key: string }) =>
    denied({ kind: "read", bucket, key });
  return {
    async *list(request) {
      const { bucket, prefix } = request;
      const refusal = await denied({ kind: "list", bucket, prefix });
      if (refusal === undefined) yield* store.list(request);
      else yield refusal;
    },
    head: async (request) => (await read(request)) ?? store.head(request),
    get: async (request) => (await read(request)) ?? store.get(request),
    getToFile: async (request) => (await read(request)) ?? store.getToFile(request),
    bucketExists: (request) => store.bucketExists(request),
  };
}
