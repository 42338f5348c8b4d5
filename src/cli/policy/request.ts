import { type Principal, principalFromArn } from "../../iam/iam.ts";
import { type ParsedArguments, shown } from "../arguments.ts";
import { type CliContext, usageError } from "../context.ts";

/**
 * Who calls: `--principal`, else some role of `--account`, else of the account that a resource is
 * in: a caller from elsewhere would need that resource's own policy too.
 *
 * @throws CliError with exit code 2 for what is no principal.
 */
export function readPrincipal(
  { flags }: Pick<ParsedArguments, "flags">,
  env: CliContext["env"],
): Principal {
  const text = flags.get("--principal")?.[0];
  const inArns = (flags.get("--resource") ?? []).map((arn) => arn.split(":")[4] ?? "");
  const owner = flags.has("--account") ? undefined : inArns.find((id) => /^\d{12}$/.test(id));
  const account = owner ?? accountFlag(flags, env);
  const principal = principalFromArn(text ?? `arn:aws:iam::${account}:role/Simulated`);
  if (principal !== undefined) return principal;
  throw usageError(
    `--principal ${shown(text ?? "")} is no user, role, session or service; ` +
      "write arn:aws:iam::111122223333:role/Name, for example.",
  );
}

/** The account of `--account` or the environment, else the server's own default. */
export function accountFlag(flags: ParsedArguments["flags"], env: CliContext["env"]): string {
  const account = flags.get("--account")?.[0] ?? (env["QUARRY_ACCOUNT_ID"] || "000000000000");
  if (/^\d{12}$/.test(account)) return account;
  throw usageError("--account must be the twelve digits of an account.");
}

/**
 * Condition keys from `--context key=value`; a key that is given twice has a list.
 *
 * @throws CliError with exit code 2 for a pair without its key.
 */
export function readContext({
  flags,
}: Pick<ParsedArguments, "flags">): Readonly<Record<string, string | readonly string[]>> {
  const lists = new Map<string, { readonly key: string; readonly values: readonly string[] }>();
  for (const pair of flags.get("--context") ?? []) {
    const equals = pair.indexOf("=");
    if (equals < 1) {
      throw usageError(
        `--context ${shown(pair)} is no pair; write --context aws:SourceIp=10.0.0.1.`,
      );
    }
    const key = pair.slice(0, equals);
    const known = lists.get(key.toLowerCase());
    const values = [...(known?.values ?? []), pair.slice(equals + 1)];
    lists.set(key.toLowerCase(), { key: known?.key ?? key, values });
  }
  // Made entry by entry, so that a key called __proto__ stays a key.
  return Object.fromEntries(
    [...lists.values()].map(({ key, values: [first = "", ...rest] }) => [
      key,
      rest.length === 0 ? first : [first, ...rest],
    ]),
  );
}
