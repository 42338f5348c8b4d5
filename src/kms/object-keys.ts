import type { Caller } from "../identity/identity.ts";
import type { Kms } from "./port.ts";

/** Somebody reads an object that a store encrypted with a KMS key. */
export type ObjectDecryption = {
  readonly caller: Caller;
  readonly keyArn: string;
  /** The object's ARN, or its bucket's where the store uses a key for the whole bucket. */
  readonly contextArn: string;
};

/**
 * Decides as Amazon S3 would whether a caller may decrypt objects: `kms:Decrypt` through S3, bound to
 * the object ("Protecting data with server-side encryption using AWS KMS keys", Amazon S3 User
 * Guide). Undefined for keys that this KMS does not have: those are their owner's to guard.
 */
export function createObjectKeys({
  kms,
  region,
}: {
  readonly kms: Pick<Kms, "permit">;
  readonly region: string;
}): (use: ObjectDecryption) => Promise<{ readonly refusal: string | undefined } | undefined> {
  return async ({ caller, keyArn, contextArn }) => {
    const permitted = await kms.permit("kms:Decrypt", {
      keyArn,
      caller,
      viaService: `s3.${region}.amazonaws.com`,
      encryptionContext: { "aws:s3:arn": contextArn },
    });
    if (permitted.ok) return { refusal: undefined };
    return permitted.reason === "notFound" ? undefined : { refusal: permitted.message };
  };
}
