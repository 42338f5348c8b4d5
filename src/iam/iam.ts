// IAM's policy language, pure: text to policy, policy to compiled form, request to decision.
// Usable alone (`import { evaluate } from "quarry/iam"`).
//
// Words: a *policy document* is JSON text; a *policy* is a document that IAM would take; a
// *statement* is its unit; a *layer* is one kind of policy that applies (identity, resource,
// boundary, session, SCP, RCP, endpoint). A *decision* is allow, implicitDeny or explicitDeny.
// Not here: accounts, stored roles, sessions, signatures, the IAM API. Those use this module.

export {
  type ContextInput,
  type ContextValue,
  type RequestContext,
  requestContext,
} from "./context.ts";
export {
  type CallFacts,
  type Origin,
  type ResourceFacts,
  type TemporaryCredentials,
  callContext,
  resourceContext,
} from "./call-context.ts";
export {
  type CompileOptions,
  type CompiledPolicy,
  type StatementSource,
  combine,
  compile,
} from "./compile.ts";
export { contextKeysOf } from "./context-keys.ts";
export { denialMessage } from "./denial.ts";
export { evaluate } from "./evaluate.ts";
export { type ConditionTrace, type Explanation, type StatementTrace, explain } from "./explain.ts";
export type { Fault } from "./fault.ts";
export type { GrantConstraints, KeyGrant } from "./key-grant.ts";
export {
  type ParseOptions,
  type PolicyParsing,
  type PolicyRefusal,
  documentCharactersMax,
  parsePolicy,
} from "./parse-policy.ts";
export { type Pinning, pinPrincipals } from "./pins.ts";
export {
  type InterfaceCheck,
  type InterfacePlace,
  creationChecks,
  deletionCheck,
} from "./network-interface.ts";
export type { Policy, PolicyKind, PolicyVersion, Statement } from "./policy.ts";
export {
  type Places,
  type Position,
  type Range,
  placesIn,
  positionAt,
  rangeOf,
} from "./position.ts";
export {
  type Principal,
  type PrincipalHints,
  principalAccount,
  principalFromArn,
  principalName,
} from "./principal.ts";
export type { PrincipalPins } from "./principal-match.ts";
export type {
  AuthorizationRequest,
  Decision,
  Ground,
  PolicyLayer,
  PolicySet,
  PolicyType,
  ResourceInput,
} from "./request.ts";
export {
  type ActionLevel,
  type QBusinessAction,
  type QBusinessResourceType,
  passRoleMembers,
  qbusinessActions,
  qbusinessResourceTypes,
} from "./qbusiness-actions.ts";
export {
  type PolicyQuotas,
  type QuotaQuestion,
  countedCharacters,
  defaultQuotas,
  quotaRefusal,
} from "./quotas.ts";
export { type QBusinessIds, arnChain, chainOfArn, deepestArn } from "./qbusiness-arns.ts";
export {
  type QBusinessCall,
  type QBusinessRules,
  evaluateQBusiness,
  parentGrantActions,
  passedRoles,
} from "./qbusiness-authorize.ts";
export {
  type PassRoleCall,
  type ServiceAssumeRole,
  evaluatePassRole,
  evaluateServiceAssumeRole,
} from "./roles.ts";
export type { FindingType } from "./finding.ts";
export { type PolicyFinding, validatePolicy } from "./validate.ts";
export { type RoleDocuments, type RoleFinding, validateRole } from "./validate-together.ts";
