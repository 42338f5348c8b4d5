// Condition keys of one request. Keys ignore case, values do not.

/** A single-valued key has a text, a multivalued key (`aws:TagKeys`) a list. */
export type ContextValue = string | readonly string[];

const prepared = Symbol("prepared request context");

/** Keys made ready for look-up; made by `requestContext`, so that no spelling can slip through. */
export interface RequestContext {
  readonly [prepared]: ReadonlyMap<string, ContextValue>;
  /** Encryption context pairs in their own spelling: grants compare their names by case. */
  readonly encryptionContext: ReadonlyMap<string, string>;
}

export type ContextInput = RequestContext | Readonly<Record<string, ContextValue | undefined>>;

const encryptionContextPrefix = "kms:encryptioncontext:";

/**
 * Prepares condition keys for look-up. A key whose value is undefined or an empty list is absent,
 * as a multivalued key without values is in the IAM user guide.
 *
 *     requestContext({ "aws:SourceIp": "203.0.113.7", "aws:TagKeys": ["team"] })
 */
export function requestContext(input: ContextInput): RequestContext {
  if (isPrepared(input)) return input;
  const values = new Map<string, ContextValue>();
  const encryptionContext = new Map<string, string>();
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined || (typeof value !== "string" && value.length === 0)) continue;
    const lowerKey = key.toLowerCase();
    values.set(lowerKey, value);
    if (lowerKey.startsWith(encryptionContextPrefix) && typeof value === "string") {
      encryptionContext.set(key.slice(encryptionContextPrefix.length), value);
    }
  }
  return { [prepared]: values, encryptionContext };
}

/** The value of a key given in lower case. */
export function contextValue(context: RequestContext, lowerKey: string): ContextValue | undefined {
  return context[prepared].get(lowerKey);
}

/** All keys of a context, in lower case. */
export function contextKeys(context: RequestContext): readonly string[] {
  return [...context[prepared].keys()];
}

export const emptyContext: RequestContext = requestContext({});

function isPrepared(input: ContextInput): input is RequestContext {
  return prepared in input;
}
