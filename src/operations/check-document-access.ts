import type { DocumentAcl, DocumentAclCondition } from "../contract/contract.ts";
import { canonicalEmail } from "../core/email.ts";
import { anonymousViewer, type Viewer } from "../core/viewer.ts";
import { type Membership, resolveMembership } from "../principals/principals.ts";
import { type AclContent, type AclPrincipal, parseAcl } from "../search/search.ts";
import { aclClasses, type Document, documents, principals, segments } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import type { Call } from "./call.ts";
import { contentOf } from "./application-content.ts";
import { documentNotFound, requireApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { noUser } from "./user-aliases.ts";

/**
 * Whether a user may see a document, and what that rests on ("CheckDocumentAccess", API reference).
 * For administrators: it shows access lists. Groups that only an identity provider asserts are not
 * known here. In an anonymous application everybody is a visitor, whatever the user store says.
 */
export const checkDocumentAccess: Operation<"CheckDocumentAccess"> = async (input, call) => {
  const { applicationId, indexId, dataSourceId = "" } = input;
  const { record } = await requireApplication<ApplicationRecord>(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  const userId = canonicalEmail(input.userId);
  const user = await principals.findUser(call.db.read, { applicationId, userId });
  if (user === undefined) throw noUser(input.userId);
  await contentOf(call, applicationId);
  const document = await requireDocument(call, input);
  const isAnonymous = record.identityType === "ANONYMOUS";
  const viewer: Viewer = isAnonymous
    ? anonymousViewer
    : { kind: "user", email: userId, groups: [] };
  const documentKeys = [document.key];
  const visible = await call.search.visible({ indexId, viewer, documentKeys });
  const membership = await segments.snapshot(call.db.read, (db) =>
    resolveMembership(db, { applicationId, indexId, userId, groups: [] }),
  );
  return {
    hasAccess: visible.has(document.key),
    userAliases: inScope(membership.userIds, dataSourceId).map(({ shown, type }) => ({
      id: shown,
      type,
    })),
    userGroups: inScope(membership.groups, dataSourceId).map(({ name, type }) => ({ name, type })),
    documentAcl: documentAcl(await aclOf(call, document)),
  };
};

async function requireDocument(
  call: Call,
  input: {
    readonly indexId: string;
    readonly dataSourceId?: string | undefined;
    readonly documentId: string;
  },
): Promise<Document> {
  const { indexId, dataSourceId = "", documentId } = input;
  const found = await documents.findById(call.db.read, { indexId, dataSourceId, documentId });
  if (found === undefined) throw documentNotFound(documentId, input.dataSourceId);
  return found;
}

/** Names that count for documents of a data source: its own, and those of the whole index. */
function inScope<N extends Membership["groups"][number]>(
  names: readonly N[],
  dataSourceId: string,
): readonly (N & { readonly type: "INDEX" | "DATASOURCE" })[] {
  return names
    .filter((one) => one.dataSourceId === "" || one.dataSourceId === dataSourceId)
    .map((one) => ({ ...one, type: one.dataSourceId === "" ? "INDEX" : "DATASOURCE" }));
}

/** The list that decides now; none yet for a document that was never indexed. */
async function aclOf(call: Call, { aclClass }: Document): Promise<AclContent | undefined> {
  const [found] = await aclClasses.find(call.db.read, [aclClass]);
  return found === undefined ? undefined : parseAcl(found.canonical);
}

function documentAcl(content: AclContent | undefined): DocumentAcl {
  if (content === undefined || content === "public") {
    const none = { memberRelation: "OR", conditions: [] } as const;
    return { allowlist: none, denyList: none };
  }
  const { allow, deny } = content;
  return {
    allowlist: {
      memberRelation: allow.relation,
      conditions: allow.conditions.map(({ relation, principals: members }) =>
        conditionOf(relation, members),
      ),
    },
    denyList: {
      memberRelation: "OR",
      conditions: deny.length === 0 ? [] : [conditionOf("OR", deny)],
    },
  };
}

function conditionOf(
  memberRelation: "AND" | "OR",
  members: readonly AclPrincipal[],
): DocumentAclCondition {
  const users = members.filter(({ kind }) => kind === "user");
  const groups = members.filter(({ kind }) => kind === "group");
  return {
    memberRelation,
    users: users.map(({ name, type }) => ({ id: name, type })),
    groups: groups.map(({ name, type }) => ({ name, type })),
  };
}
