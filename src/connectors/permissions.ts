/** One access of a sync, before it is made. */
export type AccessStep =
  | { readonly kind: "list"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "read"; readonly bucket: string; readonly key: string }
  /** An object encrypted with a KMS key. */
  | {
      readonly kind: "decrypt";
      readonly bucket: string;
      readonly key: string;
      readonly kmsKeyArn: string;
      /** The key encrypts for the whole bucket. */
      readonly isBucketKey?: boolean;
    }
  | { readonly kind: "put" | "delete"; readonly indexArn: string };

/** What the data source's role must be allowed, in the words of a policy. */
export type RequiredPermission = {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
};

/**
 * The permissions that one step needs. Evaluating them is the caller's part. `aws:ResourceAccount`
 * is the account that owns the bucket. Source: "IAM role for an Amazon S3 data source".
 */
export function requiredPermissions(
  step: AccessStep,
  where: { readonly region: string; readonly resourceAccount: string },
): readonly RequiredPermission[] {
  const context = { "aws:ResourceAccount": where.resourceAccount };
  switch (step.kind) {
    case "list": {
      const resource = `arn:aws:s3:::${step.bucket}`;
      return [
        { action: "s3:ListBucket", resource, context: { ...context, "s3:prefix": step.prefix } },
      ];
    }
    case "read":
      return [{ action: "s3:GetObject", resource: objectArn(step), context }];
    case "decrypt":
      return [
        {
          action: "kms:Decrypt",
          resource: step.kmsKeyArn,
          context: {
            ...context,
            "kms:ViaService": `s3.${where.region}.amazonaws.com`,
            "kms:EncryptionContext:aws:s3:arn": decryptContextArn(step),
          },
        },
      ];
    case "put":
      return [{ action: "qbusiness:BatchPutDocument", resource: step.indexArn, context }];
    case "delete":
      return [{ action: "qbusiness:BatchDeleteDocument", resource: step.indexArn, context }];
  }
}

/** What S3 binds the data key to that an object is encrypted with. */
export function decryptContextArn(step: Extract<AccessStep, { kind: "decrypt" }>): string {
  return step.isBucketKey === true ? `arn:aws:s3:::${step.bucket}` : objectArn(step);
}

const objectArn = (step: { readonly bucket: string; readonly key: string }): string =>
  `arn:aws:s3:::${step.bucket}/${step.key}`;
