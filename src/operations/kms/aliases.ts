import { type KmsAlias, kmsStore, type Readable } from "../../store/store.ts";
import { jsonError } from "../../wire/wire.ts";
import { kmsArn } from "./keys.ts";
import type { KmsCall, KmsQuestion } from "./kms-operation.ts";

/**
 * Checks the name of an alias that is made.
 *
 * @throws JsonError ValidationException, InvalidAliasNameException.
 */
export function checkAliasName(name: string): void {
  if (!name.startsWith("alias/") || name === "alias/") {
    throw jsonError("ValidationException", 'Alias must start with the prefix "alias/".');
  }
  if (name.startsWith("alias/aws/")) {
    throw jsonError("InvalidAliasNameException", "The prefix alias/aws/ is reserved.");
  }
  // The model's pattern lets colons through; an alias with one would read like another ARN.
  if (!/^[a-zA-Z0-9/_-]+$/.test(name)) {
    throw jsonError("InvalidAliasNameException", "Alias contains invalid characters.");
  }
}

/** The alias's own part of the access rule, which only identity policies can meet. */
export function askAlias(call: KmsCall, action: string, name: string): KmsQuestion {
  const { accountId: account } = call.caller;
  return { action, resources: [{ arn: kmsArn(call, name), account }] };
}

/**
 * The alias of the caller's account.
 *
 * @throws JsonError NotFoundException.
 */
export async function requireAlias(db: Readable, call: KmsCall, name: string): Promise<KmsAlias> {
  const alias = await kmsStore.findAlias(db, { accountId: call.caller.accountId, name });
  if (alias !== undefined) return alias;
  throw jsonError("NotFoundException", `Alias ${kmsArn(call, name)} is not found.`);
}

/** How many aliases a key has. */
export async function countAliases(
  db: Readable,
  { accountId, keyId }: Pick<KmsAlias, "accountId" | "keyId">,
): Promise<number> {
  return (await kmsStore.listAliases(db, { accountId, keyId, after: "", limit: 1000 })).length;
}
