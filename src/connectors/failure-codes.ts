import type { ObjectFailure } from "../objects/objects.ts";

/**
 * The connector's code for a failed access. Source: "Understand error codes in the Amazon S3
 * connector".
 *
 * @param step what was being read
 */
export function failureCode(
  failure: ObjectFailure,
  step: "bucket" | "aclFile" | "object",
): "S3-5101" | "S3-5102" | "S3-5110" | "S3-5111" | "S3-5200" | "S3-5201" {
  if (failure.kind === "noSuchBucket" || failure.kind === "wrongRegion") return "S3-5101";
  if (step === "object") return failure.kind === "encrypted" ? "S3-5201" : "S3-5200";
  if (failure.kind === "timedOut") return "S3-5111";
  if (failure.kind === "unreachable") return "S3-5110";
  return step === "aclFile" ? "S3-5102" : "S3-5110";
}
