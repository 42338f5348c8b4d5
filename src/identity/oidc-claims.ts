import { isRecord } from "./oidc-jwt.ts";

/** What a token asks its session to carry. */
export type TokenTags = {
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
};

const tagsMax = 50;
// As STS has tags and source identities in its API; linear, for claims are long.
const keyPattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const valuePattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const sourceIdentityPattern = /^[\w+=,.@-]{2,64}$/;

/**
 * Reads session tags and source identity out of a token's claims; undefined where they are not
 * what they must be. Source: "Pass session tags in AWS STS", the part on AssumeRoleWithWebIdentity,
 * where each tag has a list of exactly one value.
 */
export function tokenTagsOf(claims: Readonly<Record<string, unknown>>): TokenTags | undefined {
  const claim = claims["https://aws.amazon.com/tags"] ?? {};
  const sourceIdentity = claims["https://aws.amazon.com/source_identity"];
  if (!isRecord(claim) || !isOptionalText(sourceIdentity)) return undefined;
  if (sourceIdentity !== undefined && !sourceIdentityPattern.test(sourceIdentity)) return undefined;
  const { principal_tags: principalTags = {}, transitive_tag_keys: keys = [] } = claim;
  if (!isRecord(principalTags) || !Array.isArray(keys) || !keys.every(isText)) return undefined;
  const entries = Object.entries(principalTags);
  if (entries.length > tagsMax || keys.length > tagsMax) return undefined;
  const tags: { Key: string; Value: string }[] = [];
  for (const [Key, values] of entries) {
    const Value: unknown = Array.isArray(values) && values.length === 1 ? values[0] : undefined;
    if (!isText(Value) || !keyPattern.test(Key) || !valuePattern.test(Value)) return undefined;
    tags.push({ Key, Value });
  }
  return { tags, transitiveTagKeys: keys, sourceIdentity };
}

/** Lists of text in a claim that may also be one text. */
export function textsIn(claim: unknown): readonly string[] | undefined {
  if (typeof claim === "string") return [claim];
  return Array.isArray(claim) && claim.length <= 100 && claim.every(isText) ? claim : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}
