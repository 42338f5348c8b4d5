// Who may read a document: all of them, from its lists to people. A question asks the other way
// round, for one person at a time; both come to the same.
import { canonicalEmail } from "../core/email.ts";
import { principalPeople, type Readable } from "../store/store.ts";
import {
  type AccessList,
  type AclContent,
  type AclPrincipal,
  maySee,
  principalKeys,
} from "./access.ts";
import { containersBelow, type GroupTree, readGroupTree, scopesOf } from "./group-tree.ts";

/** One name of a list, and whom it stands for. */
export type AccessEntry = AclPrincipal & {
  readonly access: "ALLOW" | "DENY";
  /** The condition that it stands in, from 0; all denials are of one. */
  readonly condition: number;
  /** Which of the document's lists: a version that failed has one of its own. */
  readonly list: number;
  /** Whether the user store knows the user or the group. */
  readonly isKnown: boolean;
  /** People it stands for, nested groups included. */
  readonly people: number;
};

/** Somebody whom the lists let in, or would if nothing denied them. */
export type Reader = {
  readonly userId: string;
  /** False for a name of a list that the user store does not know. */
  readonly isKnown: boolean;
  readonly hasAccess: boolean;
  /** Entries that let them in or keep them out, each with the groups on the way to them. */
  readonly because: readonly {
    readonly kind: "user" | "group";
    readonly type: AclPrincipal["type"];
    readonly path: readonly string[];
  }[];
};

/** Everybody, by name. */
export type Readers = {
  readonly entries: readonly AccessEntry[];
  /** Sorted by id; none where there are more groups or members than the limits allow. */
  readonly people: readonly Reader[];
  readonly isComplete: boolean;
};

const limits = { groupsMax: 10_000, membersMax: 300_000 } as const;

type Person = {
  readonly shown: string;
  readonly isKnown: boolean;
  /** Whether nobody else answers to one of their names. */
  isAlone: boolean;
  /** Places of entries for users. */
  readonly entries: Set<number>;
  /** Groups that they are directly in. */
  readonly groups: Set<number>;
};

/**
 * Names everybody who passes all of the lists, and those who pass but for a denial, with the reason.
 * Groups that only an identity provider asserts are not known here. Read it in one snapshot.
 */
export async function listReaders(
  db: Readable,
  of: {
    readonly applicationId: string;
    readonly indexId: string;
    readonly contents: readonly AclContent[];
    readonly limits?: { readonly groupsMax: number; readonly membersMax: number };
  },
): Promise<Readers> {
  const lists = of.contents.filter((content) => content !== "public");
  const entries = lists.flatMap(entriesOf);
  const people = new Map<string, Person>();
  const scopes = await scopesOf(db, of.indexId);
  const sources = new Map([...scopes].map(([dataSourceId, key]) => [key, dataSourceId]));
  const note = async (
    names: readonly { readonly dataSourceId: string; readonly name: string }[],
    add: (person: Person, place: number) => void,
  ): Promise<void> => notePeople(db, { ...of, names }, people, add);
  const users = places(entries, "user").filter((place) => scopeOf(lists, entries[place]) !== null);
  await note(
    users.map((place) => {
      const name = canonicalEmail(entries[place]?.name ?? "");
      return { name, dataSourceId: scopeOf(lists, entries[place]) ?? "" };
    }),
    (person, place) => person.entries.add(users[place] ?? 0),
  );
  const roots = await rootsOf(db, { entries, lists, scopes });
  const named = new Map([...roots].map(([place, key]) => [key, entries[place]?.name ?? ""]));
  const tree = await readGroupTree(db, named, {
    ...(of.limits ?? limits),
    note: (page) =>
      note(
        page.map(({ scopeKey, name }) => ({ name, dataSourceId: sources.get(scopeKey) ?? "" })),
        (person, place) => person.groups.add(page[place]?.groupKey ?? 0),
      ),
  });
  return readersOf({ lists, entries, people, roots, tree });
}

type Entry = Omit<AccessEntry, "isKnown" | "people">;

function entriesOf({ allow, deny }: AccessList, list: number): readonly Entry[] {
  return [
    ...allow.conditions.flatMap(({ principals }, condition) =>
      principals.map((one) => ({ ...one, access: "ALLOW" as const, condition, list })),
    ),
    ...deny.map((one) => ({ ...one, access: "DENY" as const, condition: 0, list })),
  ];
}

function places(entries: readonly Entry[], kind: Entry["kind"]): readonly number[] {
  return entries.flatMap((entry, place) => (entry.kind === kind ? [place] : []));
}

/** The data source in which an entry's name means something; null where it means nothing. */
function scopeOf(lists: readonly AccessList[], entry: Entry | undefined): string | null {
  if (entry?.type !== "DATASOURCE") return "";
  return lists[entry.list]?.dataSourceId || null;
}

/** Groups of the store that entries name, by the place of the entry. */
async function rootsOf(
  db: Readable,
  {
    entries,
    lists,
    scopes,
  }: {
    readonly entries: readonly Entry[];
    readonly lists: readonly AccessList[];
    readonly scopes: ReadonlyMap<string, number>;
  },
): Promise<ReadonlyMap<number, number>> {
  const asked = places(entries, "group").flatMap((place) => {
    const scope = scopeOf(lists, entries[place]);
    const scopeKey = scope === null ? undefined : scopes.get(scope);
    const name = entries[place]?.name ?? "";
    return scopeKey === undefined ? [] : [{ place, scopeKey, name }];
  });
  const found = await principalPeople.groupsNamed(db, asked);
  return new Map([...found].map(([at, key]) => [asked[at]?.place ?? 0, key]));
}

/**
 * Finds the people of these names; one that nobody answers to stands for itself. Where it does, all
 * that is said of the name is noted for it: somebody's alias in one place may be nobody's in another.
 */
async function notePeople(
  db: Readable,
  query: Parameters<typeof principalPeople.usersNamed>[1],
  people: Map<string, Person>,
  add: (person: Person, place: number) => void,
): Promise<void> {
  const found = await principalPeople.usersNamed(db, query);
  const answered = new Set(found.map(({ place }) => place));
  const own = new Set(found.map(({ place, userId }) => `${place}/${userId}`));
  const unknown = query.names.flatMap(({ name }, place) =>
    own.has(`${place}/${name}`) ? [] : [{ place, userId: name, shown: name, isKnown: false }],
  );
  for (const one of [...found.map((user) => ({ ...user, isKnown: true })), ...unknown]) {
    const { place, userId, shown, isKnown } = one;
    const person = people.get(userId) ?? {
      shown,
      isKnown,
      isAlone: false,
      entries: new Set<number>(),
      groups: new Set<number>(),
    };
    people.set(userId, person);
    if (!answered.has(place)) person.isAlone = true;
    add(person, place);
  }
}

function readersOf(found: {
  readonly lists: readonly AccessList[];
  readonly entries: readonly Entry[];
  readonly people: ReadonlyMap<string, Person>;
  readonly roots: ReadonlyMap<number, number>;
  readonly tree: GroupTree;
}): Readers {
  const { lists, entries, roots, tree } = found;
  const below = new Map([...roots].map(([place, root]) => [place, containersBelow(tree, root)]));
  const counts = new Map<number, number>();
  const known = new Set(roots.keys());
  const readers: Reader[] = [];
  for (const person of found.people.values()) {
    if (!person.isKnown && !person.isAlone) continue;
    const matched = matchedBy(person, below);
    for (const place of matched.keys()) {
      counts.set(place, (counts.get(place) ?? 0) + 1);
      if (person.isKnown) known.add(place);
    }
    const verdict = decide(lists, entries, matched);
    if (verdict === "neither") continue;
    const hasAccess = verdict === "allowed";
    const because = [...matched].flatMap(([place, group]) => {
      const entry = entries[place];
      if (entry === undefined || (entry.access === "ALLOW") !== hasAccess) return [];
      const path = group === undefined ? [entry.name] : pathTo(group, tree, below.get(place));
      return [{ kind: entry.kind, type: entry.type, path }];
    });
    readers.push({ userId: person.shown, isKnown: person.isKnown, hasAccess, because });
  }
  const told = entries.map((entry, place) => ({
    ...entry,
    isKnown: known.has(place),
    people: counts.get(place) ?? 0,
  }));
  const sorted = readers.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  // What was read of the groups may lack the one that denies.
  return { entries: told, people: tree.isComplete ? sorted : [], isComplete: tree.isComplete };
}

/** Entries that somebody answers to, each with the group through which, if through one. */
function matchedBy(
  { entries, groups }: Person,
  below: ReadonlyMap<number, ReadonlyMap<number, number>>,
): ReadonlyMap<number, number | undefined> {
  const matched = new Map<number, number | undefined>();
  for (const place of entries) matched.set(place, undefined);
  for (const [place, inside] of below) {
    for (const group of groups) {
      if (!inside.has(group)) continue;
      matched.set(place, group);
      break;
    }
  }
  return matched;
}

function decide(
  lists: readonly AccessList[],
  entries: readonly Entry[],
  matched: ReadonlyMap<number, number | undefined>,
): "allowed" | "denied" | "neither" {
  const subjects = lists.map(() => new Set<string>());
  for (const place of matched.keys()) {
    const entry = entries[place];
    if (entry === undefined) continue;
    const [key] = principalKeys(entry, lists[entry.list]?.dataSourceId ?? "");
    if (key !== undefined) subjects[entry.list]?.add(key);
  }
  const passes = (list: AccessList, at: number): boolean =>
    maySee(list, subjects[at] ?? new Set<string>());
  if (lists.every(passes)) return "allowed";
  const isAllowed = lists.every((list, at) => passes({ ...list, deny: [] }, at));
  return isAllowed ? "denied" : "neither";
}

/** Names of the groups from an entry down to the one that somebody is in. */
function pathTo(
  group: number,
  { groups }: GroupTree,
  containers: ReadonlyMap<number, number> | undefined,
): readonly string[] {
  const path: string[] = [];
  for (let key = group; ;) {
    path.unshift(groups.get(key)?.name ?? "");
    const container = containers?.get(key);
    if (container === undefined || container === key) return path;
    key = container;
  }
}
