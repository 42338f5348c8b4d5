import type { Clock } from "../../core/clock.ts";
import { systemIds } from "../../core/ids.ts";
import type { Caller, Identity } from "../../identity/identity.ts";
import { exchangePrefix, type Objects } from "../../objects/objects.ts";
import { type DecryptObject, guardedStore, roleAccess } from "../role-access.ts";

/** Name of the sessions in which functions are called and their buckets used. */
export const hookSessionName = "QBusiness-DocumentEnrichment";

/** Hands content to a function by a bucket, and fetches what it answers with. */
export type Exchange = {
  /** Writes content as an object of a new name. */
  readonly give: (
    content: Uint8Array,
  ) => Promise<{ readonly bucket: string; readonly key: string } | { readonly reason: string }>;
  /** Reads the object that the function wrote. */
  readonly take: (
    key: string,
  ) => Promise<{ readonly content: Buffer } | { readonly reason: string }>;
  /** Removes what was given, where the role may; the function's objects are the bucket's owner's. */
  readonly clear: () => Promise<void>;
};

/**
 * The exchange of one call, as the hook's role, which needs `s3:PutObject` and `s3:GetObject` on
 * the bucket's objects; with `s3:DeleteObject` nothing of ours stays there ("IAM role for document
 * enrichment", Amazon Q Business user guide).
 */
export function createExchange(
  services: {
    readonly identity: Identity;
    readonly objects: Pick<Objects, "asRole" | "writeAs">;
    readonly decryptObject?: DecryptObject | undefined;
    readonly region: string;
    readonly now: Clock;
  },
  call: {
    readonly bucket: string;
    readonly roleArn: string;
    readonly role: Caller;
    readonly bytesMax: number;
    readonly signal: AbortSignal;
  },
): Exchange {
  const { identity, objects, decryptObject, region, now } = services;
  const { bucket, role, bytesMax, signal } = call;
  const bucketRole = { arn: call.roleArn, sessionName: hookSessionName };
  const bucketOwner = identity.accountId;
  const key = exchangePrefix + systemIds.uuid();
  let isGiven = false;
  const refusalOf = async (action: string): Promise<string | undefined> => {
    const verdict = await identity.authorize(role, {
      action,
      resources: [
        {
          arn: `arn:aws:s3:::${bucket}/${key}`,
          account: role.accountId,
          context: { "aws:ResourceAccount": bucketOwner },
        },
      ],
      facts: { now: now(), region, isSecure: true, sourceIp: "127.0.0.1" },
    });
    return verdict.isAllowed ? undefined : verdict.message;
  };
  return {
    give: async (bytes) => {
      const refusal = await refusalOf("s3:PutObject");
      if (refusal !== undefined) return { reason: refusal };
      isGiven = true;
      const put = await objects.writeAs(bucketRole).put({ bucket, key, bytes, signal });
      signal.throwIfAborted();
      return put.kind === "failed" ? { reason: put.failure.message } : { bucket, key };
    },
    take: async (answered) => {
      const access = roleAccess({ identity, role, region, bucketOwner, now, decryptObject });
      const store = guardedStore(objects.asRole(bucketRole), access);
      const got = await store.get({ bucket, key: answered, maxBytes: bytesMax, signal });
      signal.throwIfAborted();
      return got.kind === "failed"
        ? { reason: got.failure.message }
        : { content: Buffer.from(got.bytes) };
    },
    clear: async () => {
      if (!isGiven || (await refusalOf("s3:DeleteObject")) !== undefined) return;
      await objects.writeAs(bucketRole).remove({ bucket, key });
    },
  };
}
