import { jsonError } from "../../wire/wire.ts";

/** "Resource quotas" (AWS KMS Developer Guide). */
export const kmsLimits = {
  keysPerAccount: 100_000,
  aliasesPerKey: 50,
  grantsPerKey: 50_000,
  tagsPerKey: 50,
  onDemandRotationsPerKey: 25,
  policyBytes: 32_768,
  grantConstraintPairs: 8,
  encryptionContextCharacters: 8192,
} as const;

/** Refuses one more than a quota allows. */
export function checkKmsQuota(name: string, count: number, max: number): void {
  if (count >= max) {
    throw jsonError("LimitExceededException", `You have exceeded the limit of ${max} ${name}.`);
  }
}
