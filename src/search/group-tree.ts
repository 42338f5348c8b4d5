// Who is in groups, however deep: each group is read once, whichever lists and groups name it.
import {
  principalGroups,
  principalPeople,
  type Readable,
  type ScopedName,
} from "../store/store.ts";

/** A group of the user store, with what is directly in it. */
export type GroupNode = {
  readonly name: string;
  readonly subgroups: Set<number>;
};

/** Groups that were read, and the names of the users in them. */
export type GroupTree = {
  readonly groups: ReadonlyMap<number, GroupNode>;
  /** False where there was more than the limits: then nothing may be concluded from it. */
  readonly isComplete: boolean;
};

/** A user's name among the members of a group. */
export type UserMember = ScopedName & { readonly groupKey: number };

const rowsPerPage = 2_000;

/**
 * Reads groups and all that is in them, in pages, each in a turn of its own; `note` is given the
 * users. Stops at the limits.
 */
export async function readGroupTree(
  db: Readable,
  roots: ReadonlyMap<number, string>,
  options: {
    readonly groupsMax: number;
    readonly membersMax: number;
    readonly note: (page: readonly UserMember[]) => Promise<void>;
  },
): Promise<GroupTree> {
  const groups = new Map<number, GroupNode>();
  const waiting: number[] = [];
  const add = (key: number, name: string): void => {
    if (groups.has(key)) return;
    groups.set(key, { name, subgroups: new Set() });
    waiting.push(key);
  };
  for (const [key, name] of roots) add(key, name);
  let members = 0;
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for await (const page of membersOf(db, key)) {
      members += page.length;
      if (members > options.membersMax) return { groups, isComplete: false };
      const users = page.filter(({ kind }) => kind === "user");
      const groupKey = key;
      await options.note(users.map(({ scopeKey, name }) => ({ scopeKey, name, groupKey })));
      const named = page.filter(({ kind }) => kind === "group");
      const found = await principalPeople.groupsNamed(db, named);
      for (const [place, subgroup] of found) {
        groups.get(key)?.subgroups.add(subgroup);
        add(subgroup, named[place]?.name ?? "");
      }
      if (groups.size > options.groupsMax) return { groups, isComplete: false };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { groups, isComplete: true };
}

async function* membersOf(
  db: Readable,
  groupKey: number,
): AsyncGenerator<Awaited<ReturnType<typeof principalPeople.listMembers>>> {
  for (let after: Awaited<ReturnType<typeof principalPeople.listMembers>>[number] | undefined; ;) {
    const page = await principalPeople.listMembers(db, { groupKey, after, limit: rowsPerPage });
    if (page.length > 0) yield page;
    after = page.at(-1);
    if (page.length < rowsPerPage) return;
  }
}

/** Scopes of an index by their data source. */
export async function scopesOf(
  db: Readable,
  indexId: string,
): Promise<ReadonlyMap<string, number>> {
  const scopes = await principalGroups.listScopes(db, indexId);
  return new Map(scopes.map(({ key, dataSourceId }) => [dataSourceId, key]));
}

/** Every group in a group, each with the one that it was found in; the group itself with itself. */
export function containersBelow({ groups }: GroupTree, root: number): ReadonlyMap<number, number> {
  const found = new Map([[root, root]]);
  const queue = [root];
  for (let at = 0; at < queue.length; at += 1) {
    const key = queue[at] ?? root;
    for (const subgroup of groups.get(key)?.subgroups ?? []) {
      if (found.has(subgroup)) continue;
      found.set(subgroup, key);
      queue.push(subgroup);
    }
  }
  return found;
}
