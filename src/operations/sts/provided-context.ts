import type { stsShapes } from "../../contract/contract.ts";
import {
  contextProviderArn,
  readViewerContext,
  type SessionUser,
  type ViewerContext,
} from "../../identity/identity.ts";
import { usedTokens } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall } from "../iam/query-operation.ts";

type Input = Pick<stsShapes.AssumeRoleRequest, "ProvidedContexts">;

/**
 * The person for whom a session is to be made identity-aware; undefined where the call provides no
 * context ("Identity-aware sessions", IAM Identity Center user guide).
 *
 * @throws QueryError ValidationError for a context that this installation did not write,
 * ExpiredTokenException for one whose time is over.
 */
export function providedContext(
  { ProvidedContexts = [] }: Input,
  { identity, now }: Pick<QueryCall, "identity" | "now">,
): ViewerContext | undefined {
  const [provided, ...more] = ProvidedContexts;
  if (provided === undefined) return undefined;
  if (more.length > 0 || provided.ProviderArn !== contextProviderArn) {
    const message = `A session takes one context, of the provider ${contextProviderArn}.`;
    throw queryError("ValidationError", message);
  }
  const context = readViewerContext(identity.sealingKey, provided.ContextAssertion ?? "");
  if (context === undefined) {
    throw queryError("ValidationError", "The ContextAssertion is not valid.");
  }
  if (context.expiresAt.getTime() > now.getTime()) return context;
  throw queryError("ExpiredTokenException", "The ContextAssertion has expired.");
}

/** The person as the session carries them. */
export function sessionUserOf({ instanceArn, userId, email, groups }: ViewerContext): SessionUser {
  return {
    subject: userId,
    providerArn: contextProviderArn,
    audience: instanceArn,
    email,
    ...(groups.length > 0 && { groups }),
  };
}

/**
 * Uses a context up, last of all: a call that is refused for another reason must not.
 *
 * @throws QueryError ValidationError for one that was used before.
 */
export async function useContextUp(
  { id, expiresAt }: ViewerContext,
  { db, now }: Pick<QueryCall, "db" | "now">,
): Promise<void> {
  const token = { idHash: `context/${id}`, expiresAt, now };
  if (await db.write((trx) => usedTokens.use(trx, token))) return;
  throw queryError("ValidationError", "The ContextAssertion has been used before.");
}
