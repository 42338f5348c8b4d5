import type { stsShapes } from "../../contract/contract.ts";
import type { Caller } from "../../identity/identity.ts";
import { queryError } from "../../wire/wire.ts";

/** Not a quota: no session has more, and no list of them may be longer. */
const sessionTagsMax = 50;

/** Tags of a session about to be made: those asked for, and those inherited along a chain. */
export type SessionTags = {
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
};

/**
 * The tags of the new session ("Passing session tags in AWS STS", IAM User Guide): transitive ones
 * of the calling session come along, stay transitive, and cannot be set anew.
 *
 * @throws QueryError ValidationError.
 */
export function sessionTagsOf(
  {
    Tags = [],
    TransitiveTagKeys = [],
  }: Pick<stsShapes.AssumeRoleRequest, "Tags" | "TransitiveTagKeys">,
  { session }: Caller,
): SessionTags {
  const inheritedKeys = session?.transitiveTagKeys ?? [];
  const inherited = inheritedKeys.map((key) => [key, session?.tags?.[key] ?? ""] as const);
  const asked = Tags.map(({ Key, Value }) => [Key, Value] as const);
  const keys = [...inherited, ...asked].map(([key]) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw queryError(
      "ValidationError",
      "Duplicate tag keys found, or a tag that the calling session hands on is set anew. Tag keys are case insensitive.",
    );
  }
  if (keys.some((key) => key.startsWith("aws:"))) {
    throw queryError("ValidationError", "Tag keys that start with aws: are reserved.");
  }
  if (keys.length > sessionTagsMax) {
    const message = `A session has at most ${sessionTagsMax} tags, inherited ones included.`;
    throw queryError("ValidationError", message);
  }
  const spelling = new Map(asked.map(([key]) => [key.toLowerCase(), key]));
  const transitive = TransitiveTagKeys.map((key) => {
    const known = spelling.get(key.toLowerCase());
    if (known !== undefined) return known;
    const message = `The transitive tag key ${key} names no tag of this request.`;
    throw queryError("ValidationError", message);
  });
  return {
    tags: Object.fromEntries([...inherited, ...asked]),
    transitiveTagKeys: [...inheritedKeys, ...new Set(transitive)],
  };
}
