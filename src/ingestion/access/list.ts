import { canonicalEmail } from "../../core/email.ts";
import type { AccessList, AclCondition, AclContent, AclPrincipal } from "../../search/search.ts";

/** Members of the API's `accessConfiguration`, as the connector and BatchPutDocument give it. */
export type AccessConfigurationInput = {
  readonly accessControls: readonly {
    readonly principals: readonly PrincipalInput[];
    readonly memberRelation?: "AND" | "OR" | undefined;
  }[];
  readonly memberRelation?: "AND" | "OR" | undefined;
};

type Access = "ALLOW" | "DENY";
type Scope = "INDEX" | "DATASOURCE";
type PrincipalInput = {
  readonly user?:
    | {
        readonly id?: string | undefined;
        readonly access: Access;
        readonly membershipType?: Scope | undefined;
      }
    | undefined;
  readonly group?:
    | {
        readonly name?: string | undefined;
        readonly access: Access;
        readonly membershipType?: Scope | undefined;
      }
    | undefined;
};

type Read = { readonly access: Access; readonly principal: AclPrincipal };

/**
 * Brings an access configuration into the stored form ("AccessConfiguration", API reference): the
 * allow conditions with their relations, and one list of denials, because one hit denies. Without
 * a configuration the document is public; with an empty one nobody sees it.
 *
 * @returns undefined where a principal has no name: then who may see the document is not known.
 */
export function aclContentOf(
  configuration: AccessConfigurationInput | undefined,
  dataSourceId: string,
): AclContent | undefined {
  if (configuration === undefined) return "public";
  const conditions: AclCondition[] = [];
  const deny: AclPrincipal[] = [];
  for (const { principals, memberRelation } of configuration.accessControls) {
    const read = principals.map((principal) => readPrincipal(principal, dataSourceId));
    if (!read.every((entry) => entry !== undefined)) return undefined;
    deny.push(...principalsWith(read, "DENY"));
    const allowed = principalsWith(read, "ALLOW");
    if (allowed.length > 0) {
      conditions.push({ relation: memberRelation ?? "OR", principals: allowed });
    }
  }
  const relation = configuration.memberRelation ?? "OR";
  const list: AccessList = { dataSourceId, allow: { relation, conditions }, deny };
  return list;
}

function principalsWith(read: readonly Read[], access: Access): readonly AclPrincipal[] {
  return read.filter((entry) => entry.access === access).map((entry) => entry.principal);
}

function readPrincipal(input: PrincipalInput, dataSourceId: string): Read | undefined {
  const { user, group } = input;
  // Names of documents that belong to a data source mean something there, unless they say else.
  const scope = dataSourceId === "" ? "INDEX" : "DATASOURCE";
  if (user?.id !== undefined) {
    const type = user.membershipType ?? scope;
    return {
      access: user.access,
      principal: { kind: "user", name: canonicalEmail(user.id), type },
    };
  }
  if (group?.name !== undefined) {
    const type = group.membershipType ?? scope;
    return { access: group.access, principal: { kind: "group", name: group.name, type } };
  }
  return undefined;
}
