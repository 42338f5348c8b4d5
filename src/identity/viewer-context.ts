import { seal, unseal } from "./sealing.ts";

/** Who an identity context speaks of. */
export type ViewerContext = {
  /** The id of this statement: it counts once. */
  readonly id: string;
  /** The directory that the person is in: `arn:aws:sso:::instance/ssoins-…`. */
  readonly instanceArn: string;
  /** The person's id in that directory, which nobody else ever gets. */
  readonly userId: string;
  readonly email: string;
  readonly groups: readonly string[];
  readonly expiresAt: Date;
};

const purpose = "identity context";
/** STS takes no longer one ("ProvidedContext", AWS STS API Reference). */
const assertionLengthMax = 2048;

/**
 * Writes an identity context as a `ContextAssertion` for AssumeRole. Only this installation can
 * write or read one, so that reading it is proof enough.
 *
 * @throws RangeError where the groups make it longer than STS takes.
 */
export function writeViewerContext(key: Uint8Array, context: ViewerContext): string {
  const { id, instanceArn, userId, email, groups, expiresAt } = context;
  const text = JSON.stringify([id, instanceArn, userId, email, groups, expiresAt.getTime()]);
  const assertion = seal(key, purpose, text);
  if (assertion.length <= assertionLengthMax) return assertion;
  throw new RangeError(`An identity context has at most ${assertionLengthMax} characters.`);
}

/** Reads one that we wrote; undefined for every other text. Expiry is the reader's to check. */
export function readViewerContext(key: Uint8Array, assertion: string): ViewerContext | undefined {
  const text = unseal(key, purpose, assertion);
  if (text === undefined) return undefined;
  const [id, instanceArn, userId, email, groups, expiresMs] = JSON.parse(text) as Fields;
  return { id, instanceArn, userId, email, groups, expiresAt: new Date(expiresMs) };
}

type Fields = readonly [string, string, string, string, readonly string[], number];
