// The decision about one document, one viewer, from the user store as it was told: slow, literal,
// and sharing no code with the engine that it is compared with.

/** Whether a name means the same in the whole index. */
export type Scope = "INDEX" | "DATASOURCE";

/** A user as CreateUser and UpdateUser were told. */
export type PlainUser = {
  readonly userId: string;
  readonly aliases: readonly {
    readonly userId: string;
    readonly indexId?: string;
    readonly dataSourceId?: string;
  }[];
};

/** A group as PutGroup was told. */
export type PlainGroup = {
  readonly indexId: string;
  readonly dataSourceId?: string;
  readonly name: string;
  readonly memberUsers: readonly { readonly userId: string; readonly type?: Scope }[];
  readonly memberGroups: readonly { readonly groupName: string; readonly type?: Scope }[];
};

/** The user store of an application. */
export type PlainStore = {
  readonly users: readonly PlainUser[];
  readonly groups: readonly PlainGroup[];
};

type Access = "ALLOW" | "DENY";

/** A principal of a list, as the API takes it. */
export type PlainPrincipal =
  | {
      readonly user: {
        readonly id: string;
        readonly access: Access;
        readonly membershipType?: Scope;
      };
    }
  | {
      readonly group: {
        readonly name: string;
        readonly access: Access;
        readonly membershipType?: Scope;
      };
    };

/** A list, as the API takes it; undefined for a document without one. */
export type PlainList =
  | undefined
  | {
      readonly memberRelation?: "AND" | "OR";
      readonly accessControls: readonly {
        readonly memberRelation?: "AND" | "OR";
        readonly principals: readonly PlainPrincipal[];
      }[];
    };

/** Where a document lies; without a data source it was put directly. */
export type PlainPlace = { readonly indexId: string; readonly dataSourceId?: string };

/** Who asks, with the groups that the identity provider asserts; undefined for a visitor. */
export type PlainViewer =
  | undefined
  | { readonly email: string; readonly groups: readonly string[] };

/** Whether the viewer may see a document in that place with that list. */
export function plainAccess(
  store: PlainStore,
  place: PlainPlace,
  list: PlainList,
  viewer: PlainViewer,
): boolean {
  if (list === undefined) return true;
  if (viewer === undefined) return false;
  const ids = idsOf(store, place, viewer.email);
  const groups = groupsOf(store, place, viewer);
  const matches = (principal: PlainPrincipal): boolean => {
    const fallback: Scope = place.dataSourceId === undefined ? "INDEX" : "DATASOURCE";
    const type = typeOf(principal) ?? fallback;
    if (type === "DATASOURCE" && place.dataSourceId === undefined) return false;
    if ("user" in principal) return ids(type).includes(canon(principal.user.id));
    return groups.includes(`${type} ${principal.group.name}`);
  };
  const denied = list.accessControls.some(({ principals }) =>
    principals.some((one) => accessOf(one) === "DENY" && matches(one)),
  );
  if (denied) return false;
  const conditions = list.accessControls
    .map(({ principals, memberRelation }) => ({
      allowed: principals.filter((one) => accessOf(one) === "ALLOW"),
      memberRelation,
    }))
    .filter(({ allowed }) => allowed.length > 0)
    .map(({ allowed, memberRelation }) =>
      memberRelation === "AND" ? allowed.every(matches) : allowed.some(matches),
    );
  if (conditions.length === 0) return false;
  return list.memberRelation === "AND" ? conditions.every(Boolean) : conditions.some(Boolean);
}

function typeOf(principal: PlainPrincipal): Scope | undefined {
  return "user" in principal ? principal.user.membershipType : principal.group.membershipType;
}

function accessOf(principal: PlainPrincipal): Access {
  return "user" in principal ? principal.user.access : principal.group.access;
}

/** Lower case, and no tag. */
function canon(id: string): string {
  const [local = "", domain = "", ...more] = id.split("@");
  if (local === "" || domain === "" || more.length > 0 || local.startsWith("+")) return id;
  return `${local.split("+")[0]}@${domain}`.toLowerCase();
}

/** What somebody is called, by scope, where a document lies. */
function idsOf(
  { users }: PlainStore,
  place: PlainPlace,
  email: string,
): (scope: Scope) => readonly string[] {
  const aliases = users.find(({ userId }) => canon(userId) === canon(email))?.aliases ?? [];
  const counting = (dataSourceId: string | undefined): readonly string[] =>
    aliases
      .filter((alias) => alias.indexId === undefined || alias.indexId === place.indexId)
      .filter((alias) => alias.dataSourceId === dataSourceId)
      .map((alias) => canon(alias.userId));
  const index = [canon(email), ...counting(undefined)];
  const here = place.dataSourceId === undefined ? [] : counting(place.dataSourceId);
  return (scope) => (scope === "INDEX" ? index : [...index, ...here]);
}

/** `INDEX name` and `DATASOURCE name` of all groups that count where a document lies. */
function groupsOf(
  store: PlainStore,
  place: PlainPlace,
  viewer: Exclude<PlainViewer, undefined>,
): readonly string[] {
  const ids = idsOf(store, place, viewer.email);
  const found = new Set(viewer.groups.map((name) => `INDEX ${name}`));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { indexId, dataSourceId, name, memberUsers, memberGroups } of store.groups) {
      const isHere = dataSourceId === undefined || dataSourceId === place.dataSourceId;
      if (indexId !== place.indexId || !isHere) continue;
      const own: Scope = dataSourceId === undefined ? "INDEX" : "DATASOURCE";
      const isIn =
        memberUsers.some(({ userId, type }) => ids(type ?? own).includes(canon(userId))) ||
        memberGroups.some(({ groupName, type }) => found.has(`${type ?? own} ${groupName}`));
      if (isIn) found.add(`${own} ${name}`);
    }
  }
  return [...found];
}
