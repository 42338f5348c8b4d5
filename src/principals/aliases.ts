import { canonicalEmail } from "../core/email.ts";
import type { UserAlias } from "../store/store.ts";

/** An alias as the API takes it. */
export type AliasChange = {
  readonly userId: string;
  readonly indexId?: string | undefined;
  readonly dataSourceId?: string | undefined;
};

/** What an update comes to. `kept` were there already. */
export type AliasPlan = {
  readonly added: readonly UserAlias[];
  readonly kept: readonly UserAlias[];
  readonly deleted: readonly UserAlias[];
};

/**
 * Works out an update of a user's aliases: deletions first, then what is to be there. An alias that
 * is deleted and wanted in one call goes and comes again. What is not there cannot be deleted, which
 * is no error.
 */
export function planAliases(
  existing: readonly UserAlias[],
  change: { readonly update: readonly AliasChange[]; readonly delete: readonly AliasChange[] },
): AliasPlan {
  const left = new Map(existing.map((alias) => [keyOf(alias), alias]));
  const deleted = [...byKey(change.delete).keys()].flatMap((key) => {
    const alias = left.get(key);
    left.delete(key);
    return alias ?? [];
  });
  const wanted = byKey(change.update);
  const kept = [...wanted.keys()].flatMap((key) => left.get(key) ?? []);
  const added = [...wanted].filter(([key]) => !left.has(key)).map(([, alias]) => alias);
  return { added, kept, deleted };
}

/** Repeated names are one; the first spelling counts. */
function byKey(aliases: readonly AliasChange[]): ReadonlyMap<string, UserAlias> {
  const found = new Map<string, UserAlias>();
  for (const { userId: name, indexId = "", dataSourceId = "" } of aliases) {
    const alias = { indexId, dataSourceId, alias: canonicalEmail(name), name };
    const key = keyOf(alias);
    if (!found.has(key)) found.set(key, alias);
  }
  return found;
}

function keyOf({ indexId, dataSourceId, alias }: Omit<UserAlias, "name">): string {
  return JSON.stringify([indexId, dataSourceId, alias]);
}
