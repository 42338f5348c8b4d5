import { canonicalEmail } from "../core/email.ts";
import { principalGroups, principals, type Readable, type ScopedName } from "../store/store.ts";

/** A name in its scope: of the whole index where the data source is empty. */
export type ScopedPrincipal = { readonly name: string; readonly dataSourceId: string };

/** Everything that somebody is in one index. */
export type Membership = {
  /** Canonical ids: the user's own first, then aliases. Those of the index count everywhere in it. */
  readonly userIds: readonly (ScopedPrincipal & {
    /** As it was first stored. */
    readonly shown: string;
  })[];
  /** Groups asserted by the identity provider, of the store, and all that contain them. */
  readonly groups: readonly ScopedPrincipal[];
};

const namesPerRead = 500;
const rowsPerRead = 1_000;

/** Reading runs on the event loop's thread: after so many rows, others get their turn. */
const rowsPerTurn = 2_000;

/**
 * Works out who somebody is: aliases, and the smallest set of groups that is closed under "is a
 * member of". Cycles end it no later than anything else; depth has no limit. Read it in one
 * snapshot: halves of two states can add up to a membership that there never was.
 */
export async function resolveMembership(
  db: Readable,
  who: {
    readonly applicationId: string;
    readonly indexId: string;
    readonly userId: string;
    /** Index-wide. */
    readonly groups: readonly string[];
  },
): Promise<Membership> {
  const userIds = await userIdsOf(db, who);
  const scopes = await principalGroups.listScopes(db, who.indexId);
  const scopeKeys = new Map(scopes.map(({ key, dataSourceId }) => [dataSourceId, key]));
  const dataSources = new Map(scopes.map(({ key, dataSourceId }) => [key, dataSourceId]));
  const indexScope = scopeKeys.get("");
  // Ids of the index mean the same in each of its data sources; ids of a data source only there.
  const users = scopes.flatMap(({ key, dataSourceId }) =>
    userIds
      .filter((id) => id.dataSourceId === "" || id.dataSourceId === dataSourceId)
      .map(({ name }) => ({ scopeKey: key, name })),
  );
  const asserted = new Set(who.groups);
  const own = [...asserted].map((name) => ({ name, dataSourceId: "" }));
  const asked =
    indexScope === undefined ? [] : own.map(({ name }) => ({ scopeKey: indexScope, name }));
  const query = { users, groups: asked, limit: rowsPerTurn };
  const few = await principalGroups.listContaining(db, query);
  const found = few ?? (await findStepwise(db, { users, groups: asked }));
  const groups: ScopedPrincipal[] = own;
  for (const { scopeKey, name } of found) {
    if (scopeKey === indexScope && asserted.has(name)) continue;
    groups.push({ name, dataSourceId: dataSources.get(scopeKey) ?? "" });
  }
  return { userIds, groups };
}

/** The same as `listContaining` finds, for those who are in too many groups to be found at once. */
async function findStepwise(
  db: Readable,
  from: { readonly users: readonly ScopedName[]; readonly groups: readonly ScopedName[] },
): Promise<readonly ScopedName[]> {
  const found: ScopedName[] = [];
  const known = new Set(from.groups.map(keyOf));
  const frontier = [...from.groups];
  const turn = { rows: 0 };
  const addHolders = async (
    kind: "user" | "group",
    names: readonly ScopedName[],
  ): Promise<void> => {
    for await (const page of holders(db, kind, names, turn)) {
      for (const { scopeKey, name } of page) {
        const group = { scopeKey, name };
        if (known.has(keyOf(group))) continue;
        known.add(keyOf(group));
        found.push(group);
        frontier.push(group);
      }
    }
  };
  await addHolders("user", from.users);
  while (frontier.length > 0) await addHolders("group", frontier.splice(0, namesPerRead));
  return found;
}

function keyOf({ scopeKey, name }: ScopedName): string {
  return `${scopeKey}/${name}`;
}

async function userIdsOf(
  db: Readable,
  who: { readonly applicationId: string; readonly indexId: string; readonly userId: string },
): Promise<Membership["userIds"]> {
  const userId = canonicalEmail(who.userId);
  const user = await principals.findUser(db, { applicationId: who.applicationId, userId });
  const own = { name: userId, dataSourceId: "", shown: user?.name ?? who.userId };
  if (user === undefined) return [own];
  const aliases = await principals.listAliases(db, user.key);
  return [
    own,
    ...aliases
      .filter(({ indexId }) => indexId === "" || indexId === who.indexId)
      .map(({ alias, name, dataSourceId }) => ({ name: alias, dataSourceId, shown: name })),
  ];
}

async function* holders(
  db: Readable,
  kind: "user" | "group",
  names: readonly ScopedName[],
  turn: { rows: number },
): AsyncGenerator<readonly ScopedName[]> {
  for (let begin = 0; begin < names.length; begin += namesPerRead) {
    const some = names.slice(begin, begin + namesPerRead);
    for (let after = 0; ;) {
      const query = { kind, names: some, after, limit: rowsPerRead };
      const rows = await principalGroups.listHolders(db, query);
      yield rows;
      turn.rows += rows.length;
      if (turn.rows >= rowsPerTurn) {
        turn.rows = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerRead) break;
      after = last.key;
    }
  }
}
