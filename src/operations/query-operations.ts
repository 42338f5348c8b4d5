import { queryContracts, type QueryAction, type QueryService } from "../contract/contract.ts";
import type { AccessQuestion, AccessVerdict, Caller } from "../identity/identity.ts";
import { type QueryError, queryError, type QueryRequest } from "../wire/wire.ts";
import { addClientIdToOpenIdConnectProvider } from "./iam/add-client-id-to-open-id-connect-provider.ts";
import { addUserToGroup } from "./iam/add-user-to-group.ts";
import { attachGroupPolicy } from "./iam/attach-group-policy.ts";
import { attachRolePolicy } from "./iam/attach-role-policy.ts";
import { attachUserPolicy } from "./iam/attach-user-policy.ts";
import { createAccessKey } from "./iam/create-access-key.ts";
import { createGroup } from "./iam/create-group.ts";
import { createOpenIdConnectProvider } from "./iam/create-open-id-connect-provider.ts";
import { createPolicyVersion } from "./iam/create-policy-version.ts";
import { createPolicy } from "./iam/create-policy.ts";
import { createRole } from "./iam/create-role.ts";
import { createServiceLinkedRole } from "./iam/create-service-linked-role.ts";
import { createUser } from "./iam/create-user.ts";
import { deleteAccessKey } from "./iam/delete-access-key.ts";
import { deleteGroupPolicy } from "./iam/delete-group-policy.ts";
import { deleteGroup } from "./iam/delete-group.ts";
import { deleteOpenIdConnectProvider } from "./iam/delete-open-id-connect-provider.ts";
import { deletePolicyVersion } from "./iam/delete-policy-version.ts";
import { deletePolicy } from "./iam/delete-policy.ts";
import { deleteRolePermissionsBoundary } from "./iam/delete-role-permissions-boundary.ts";
import { deleteRolePolicy } from "./iam/delete-role-policy.ts";
import { deleteRole } from "./iam/delete-role.ts";
import { deleteServiceLinkedRole } from "./iam/delete-service-linked-role.ts";
import { deleteUserPermissionsBoundary } from "./iam/delete-user-permissions-boundary.ts";
import { deleteUserPolicy } from "./iam/delete-user-policy.ts";
import { deleteUser } from "./iam/delete-user.ts";
import { detachGroupPolicy } from "./iam/detach-group-policy.ts";
import { detachRolePolicy } from "./iam/detach-role-policy.ts";
import { detachUserPolicy } from "./iam/detach-user-policy.ts";
import { getAccessKeyLastUsed } from "./iam/get-access-key-last-used.ts";
import { getAccountAuthorizationDetails } from "./iam/get-account-authorization-details.ts";
import { getAccountSummary } from "./iam/get-account-summary.ts";
import { getContextKeysForCustomPolicy } from "./iam/get-context-keys-for-custom-policy.ts";
import { getContextKeysForPrincipalPolicy } from "./iam/get-context-keys-for-principal-policy.ts";
import { getGroupPolicy } from "./iam/get-group-policy.ts";
import { getGroup } from "./iam/get-group.ts";
import { getOpenIdConnectProvider } from "./iam/get-open-id-connect-provider.ts";
import { getPolicyVersion } from "./iam/get-policy-version.ts";
import { getPolicy } from "./iam/get-policy.ts";
import { getRolePolicy } from "./iam/get-role-policy.ts";
import { getRole } from "./iam/get-role.ts";
import { getServiceLinkedRoleDeletionStatus } from "./iam/get-service-linked-role-deletion-status.ts";
import { getUserPolicy } from "./iam/get-user-policy.ts";
import { getUser } from "./iam/get-user.ts";
import { listAccessKeys } from "./iam/list-access-keys.ts";
import { listAttachedGroupPolicies } from "./iam/list-attached-group-policies.ts";
import { listAttachedRolePolicies } from "./iam/list-attached-role-policies.ts";
import { listAttachedUserPolicies } from "./iam/list-attached-user-policies.ts";
import { listEntitiesForPolicy } from "./iam/list-entities-for-policy.ts";
import { listGroupPolicies } from "./iam/list-group-policies.ts";
import { listGroupsForUser } from "./iam/list-groups-for-user.ts";
import { listGroups } from "./iam/list-groups.ts";
import { listOpenIdConnectProviderTags } from "./iam/list-open-id-connect-provider-tags.ts";
import { listOpenIdConnectProviders } from "./iam/list-open-id-connect-providers.ts";
import { listPolicies } from "./iam/list-policies.ts";
import { listPolicyVersions } from "./iam/list-policy-versions.ts";
import { listRolePolicies } from "./iam/list-role-policies.ts";
import { listRoleTags } from "./iam/list-role-tags.ts";
import { listRoles } from "./iam/list-roles.ts";
import { listUserPolicies } from "./iam/list-user-policies.ts";
import { listUserTags } from "./iam/list-user-tags.ts";
import { listUsers } from "./iam/list-users.ts";
import { putGroupPolicy } from "./iam/put-group-policy.ts";
import { putRolePermissionsBoundary } from "./iam/put-role-permissions-boundary.ts";
import { putRolePolicy } from "./iam/put-role-policy.ts";
import { putUserPermissionsBoundary } from "./iam/put-user-permissions-boundary.ts";
import { putUserPolicy } from "./iam/put-user-policy.ts";
import { removeClientIdFromOpenIdConnectProvider } from "./iam/remove-client-id-from-open-id-connect-provider.ts";
import { removeUserFromGroup } from "./iam/remove-user-from-group.ts";
import { setDefaultPolicyVersion } from "./iam/set-default-policy-version.ts";
import { simulateCustomPolicy } from "./iam/simulate-custom-policy.ts";
import { simulatePrincipalPolicy } from "./iam/simulate-principal-policy.ts";
import { tagOpenIdConnectProvider } from "./iam/tag-open-id-connect-provider.ts";
import { tagRole } from "./iam/tag-role.ts";
import { tagUser } from "./iam/tag-user.ts";
import { untagOpenIdConnectProvider } from "./iam/untag-open-id-connect-provider.ts";
import { untagRole } from "./iam/untag-role.ts";
import { untagUser } from "./iam/untag-user.ts";
import { updateAccessKey } from "./iam/update-access-key.ts";
import { updateAssumeRolePolicy } from "./iam/update-assume-role-policy.ts";
import { updateOpenIdConnectProviderThumbprint } from "./iam/update-open-id-connect-provider-thumbprint.ts";
import { updateRole } from "./iam/update-role.ts";
import { updateUser } from "./iam/update-user.ts";
import { assumeRoleWithWebIdentity } from "./sts/assume-role-with-web-identity.ts";
import { assumeRole } from "./sts/assume-role.ts";
import { decodeMessage } from "./sts/decode-authorization-message.ts";
import { getAccessKeyInfo } from "./sts/get-access-key-info.ts";
import { getCallerIdentity } from "./sts/get-caller-identity.ts";
import { getFederationToken } from "./sts/get-federation-token.ts";
import { getSessionToken } from "./sts/get-session-token.ts";
import { refuseSession } from "./sts/own-session.ts";
import type { QueryCall, QueryOperation, QueryQuestion } from "./iam/query-operation.ts";

export type { QueryCall } from "./iam/query-operation.ts";

/** The actions that are built, by service. An action's type is checked where it stands. */
export const queryOperations = {
  iam: {
    AddClientIDToOpenIDConnectProvider: addClientIdToOpenIdConnectProvider,
    AddUserToGroup: addUserToGroup,
    AttachGroupPolicy: attachGroupPolicy,
    AttachRolePolicy: attachRolePolicy,
    AttachUserPolicy: attachUserPolicy,
    CreateAccessKey: createAccessKey,
    CreateGroup: createGroup,
    CreateOpenIDConnectProvider: createOpenIdConnectProvider,
    CreatePolicy: createPolicy,
    CreatePolicyVersion: createPolicyVersion,
    CreateRole: createRole,
    CreateServiceLinkedRole: createServiceLinkedRole,
    CreateUser: createUser,
    DeleteAccessKey: deleteAccessKey,
    DeleteGroup: deleteGroup,
    DeleteGroupPolicy: deleteGroupPolicy,
    DeleteOpenIDConnectProvider: deleteOpenIdConnectProvider,
    DeletePolicy: deletePolicy,
    DeletePolicyVersion: deletePolicyVersion,
    DeleteRole: deleteRole,
    DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary,
    DeleteRolePolicy: deleteRolePolicy,
    DeleteServiceLinkedRole: deleteServiceLinkedRole,
    DeleteUser: deleteUser,
    DeleteUserPermissionsBoundary: deleteUserPermissionsBoundary,
    DeleteUserPolicy: deleteUserPolicy,
    DetachGroupPolicy: detachGroupPolicy,
    DetachRolePolicy: detachRolePolicy,
    DetachUserPolicy: detachUserPolicy,
    GetAccessKeyLastUsed: getAccessKeyLastUsed,
    GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
    GetAccountSummary: getAccountSummary,
    GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy,
    GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy,
    GetGroup: getGroup,
    GetGroupPolicy: getGroupPolicy,
    GetOpenIDConnectProvider: getOpenIdConnectProvider,
    GetPolicy: getPolicy,
    GetPolicyVersion: getPolicyVersion,
    GetRole: getRole,
    GetRolePolicy: getRolePolicy,
    GetServiceLinkedRoleDeletionStatus: getServiceLinkedRoleDeletionStatus,
    GetUser: getUser,
    GetUserPolicy: getUserPolicy,
    ListAccessKeys: listAccessKeys,
    ListAttachedGroupPolicies: listAttachedGroupPolicies,
    ListAttachedRolePolicies: listAttachedRolePolicies,
    ListAttachedUserPolicies: listAttachedUserPolicies,
    ListEntitiesForPolicy: listEntitiesForPolicy,
    ListGroupPolicies: listGroupPolicies,
    ListGroups: listGroups,
    ListGroupsForUser: listGroupsForUser,
    ListOpenIDConnectProviderTags: listOpenIdConnectProviderTags,
    ListOpenIDConnectProviders: listOpenIdConnectProviders,
    ListPolicies: listPolicies,
    ListPolicyVersions: listPolicyVersions,
    ListRolePolicies: listRolePolicies,
    ListRoleTags: listRoleTags,
    ListRoles: listRoles,
    ListUserPolicies: listUserPolicies,
    ListUserTags: listUserTags,
    ListUsers: listUsers,
    PutGroupPolicy: putGroupPolicy,
    PutRolePermissionsBoundary: putRolePermissionsBoundary,
    PutRolePolicy: putRolePolicy,
    PutUserPermissionsBoundary: putUserPermissionsBoundary,
    PutUserPolicy: putUserPolicy,
    RemoveClientIDFromOpenIDConnectProvider: removeClientIdFromOpenIdConnectProvider,
    RemoveUserFromGroup: removeUserFromGroup,
    SetDefaultPolicyVersion: setDefaultPolicyVersion,
    SimulateCustomPolicy: simulateCustomPolicy,
    SimulatePrincipalPolicy: simulatePrincipalPolicy,
    TagOpenIDConnectProvider: tagOpenIdConnectProvider,
    TagRole: tagRole,
    TagUser: tagUser,
    UntagOpenIDConnectProvider: untagOpenIdConnectProvider,
    UntagRole: untagRole,
    UntagUser: untagUser,
    UpdateAccessKey: updateAccessKey,
    UpdateAssumeRolePolicy: updateAssumeRolePolicy,
    UpdateOpenIDConnectProviderThumbprint: updateOpenIdConnectProviderThumbprint,
    UpdateRole: updateRole,
    UpdateUser: updateUser,
  },
  sts: {
    AssumeRole: assumeRole,
    AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
    DecodeAuthorizationMessage: decodeMessage,
    GetAccessKeyInfo: getAccessKeyInfo,
    GetCallerIdentity: getCallerIdentity,
    GetFederationToken: getFederationToken,
    GetSessionToken: getSessionToken,
  },
} as const satisfies {
  readonly [Service in QueryService]: {
    readonly [Action in QueryAction<Service>]?: QueryOperation<Service, Action>;
  };
};

/** An operation whose input has been decoded for it, but whose name is known only at run time. */
type AnyOperation = {
  readonly proves?: (input: unknown, call: QueryCall) => Promise<Caller>;
  readonly asks: (input: unknown, call: QueryCall) => Promise<readonly QueryQuestion[]>;
  readonly denial?: (input: unknown, call: QueryCall) => string;
  readonly run: (input: unknown, call: QueryCall) => Promise<unknown>;
};

/** Names of the actions of a service that are not built: each answers an error that says so. */
export function unbuiltQueryActions(service: QueryService): readonly string[] {
  const names = Object.keys(queryContracts[service].operations);
  return names.filter((name) => !Object.hasOwn(queryOperations[service], name));
}

/** The actions that nobody signs, because their input proves who calls. */
export const unsignedActions: readonly string[] = ["AssumeRoleWithWebIdentity"];

/**
 * Who calls: for most actions the one that signed. Undefined for a call without a signature whose
 * input proves nobody either.
 *
 * @throws QueryError InvalidAction, or what is wrong with the proof.
 */
export async function queryCaller(
  request: QueryRequest,
  call: QueryCall,
): Promise<Caller | undefined> {
  const { proves } = operationOf(request);
  if (proves !== undefined) return proves(request.input, call);
  return call.caller.principal.type === "anonymous" ? undefined : call.caller;
}

/**
 * What the caller must be allowed, each question on its own, before `runQuery` may be called. An
 * empty list: whoever has signed may call.
 *
 * @throws QueryError InvalidAction for an action that is not built, ValidationError, AccessDenied for
 *   what a session may not call at all.
 */
export async function queryQuestions(
  request: QueryRequest,
  call: QueryCall,
): Promise<readonly AccessQuestion[]> {
  call.identity.noteUse(call.caller, request.service, call.facts);
  const operation = operationOf(request);
  refuseSession(request, call.caller);
  const questions = await operation.asks(request.input, call);
  return questions.map((question) => ({ ...question, facts: call.facts }));
}

/** The error for a caller whom one of the questions refused. */
export function queryDenied(
  request: QueryRequest,
  call: QueryCall,
  verdict: Extract<AccessVerdict, { readonly isAllowed: false }>,
): QueryError {
  const { denial } = operationOf(request);
  return queryError("AccessDenied", denial?.(request.input, call) ?? verdict.message);
}

/** Runs an action that has been allowed; its output is for `encodeQueryAnswer`. */
export function runQuery(request: QueryRequest, call: QueryCall): Promise<unknown> {
  return operationOf(request).run(request.input, call);
}

function operationOf({ service, action }: QueryRequest): AnyOperation {
  const built: Readonly<Record<string, unknown>> = queryOperations[service];
  // The decoder made the input by the contract of this very action.
  if (Object.hasOwn(built, action)) return built[action] as AnyOperation;
  const message = `Quarry does not implement ${service}:${action} yet; see docs/compatibility.md.`;
  throw queryError("InvalidAction", message);
}
