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
  const found = new Map<string, ScopedPrincipal>();
  const frontier: ScopedName[] = [];
  const indexScope = scopeKeys.get("");
  const add = (dataSourceId: string, name: string, scopeKey: number | undefined): void => {
    const key = `${dataSourceId}/${name}`;
    if (found.has(key)) return;
    found.set(key, { dataSourceId, name });
    if (scopeKey !== undefined) frontier.push({ scopeKey, name });
  };
  for (const name of who.groups) add("", name, indexScope);
  const turn = { rows: 0 };
  // Ids of the index mean the same in each of its data sources; ids of a data source only there.
  const asked = scopes.flatMap(({ key, dataSourceId }) =>
    userIds
      .filter((id) => id.dataSourceId === "" || id.dataSourceId === dataSourceId)
      .map(({ name }) => ({ scopeKey: key, name })),
  );
  const groups = frontier.map(({ scopeKey, name }) => ({ scopeKey, name }));
  const query = { users: asked, groups, limit: rowsPerTurn };
  const few = await principalGroups.listContaining(db, query);
  if (few !== undefined) {
    for (const { scopeKey, name } of few) add(dataSources.get(scopeKey) ?? "", name, undefined);
    return { userIds, groups: [...found.values()] };
  }
  const addHolders = async (
    kind: "user" | "group",
    names: readonly ScopedName[],
  ): Promise<void> => {
    for await (const page of holders(db, kind, names, turn)) {
      for (const { scopeKey, name } of page) add(dataSources.get(scopeKey) ?? "", name, scopeKey);
    }
  };
  await addHolders("user", asked);
  while (frontier.length > 0) await addHolders("group", frontier.splice(0, namesPerRead));
  return { userIds, groups: [...found.values()] };
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
