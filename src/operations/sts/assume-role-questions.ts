import type { stsShapes } from "../../contract/contract.ts";
import { resourceContext, type ResourceInput } from "../../iam/iam.ts";
import type { ServiceKeys } from "../../identity/identity.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall, QueryQuestion } from "../iam/query-operation.ts";
import { providedContext } from "./provided-context.ts";
import { sessionTagsOf } from "./session-tags.ts";

type Input = stsShapes.AssumeRoleRequest;

/**
 * What AssumeRole asks of the trust policy and of the caller's own: the role itself, and an action
 * of its own for each thing that the session is to carry ("AssumeRole", AWS STS API Reference).
 * A role that does not exist is asked for too, and denied as one that admits nobody.
 */
export async function assumeRoleQuestions(
  input: Input,
  call: QueryCall,
): Promise<readonly QueryQuestion[]> {
  const resources = [await roleResource(input.RoleArn, call)];
  const { session } = call.caller;
  const { tags, transitiveTagKeys } = sessionTagsOf(input, call.caller);
  const sourceIdentity = input.SourceIdentity ?? session?.sourceIdentity;
  const context = providedContext(input, call);
  const serviceKeys: ServiceKeys = {
    "sts:ExternalId": input.ExternalId,
    "sts:RequestContextProviders": input.ProvidedContexts?.flatMap(
      (each) => each.ProviderArn ?? [],
    ),
    "sts:RequestContext/identitystore:UserId": context?.userId,
    "sts:RoleSessionName": input.RoleSessionName,
    "sts:SourceIdentity": sourceIdentity,
    "sts:TransitiveTagKeys": transitiveTagKeys.length === 0 ? undefined : transitiveTagKeys,
  };
  const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
  const actions = ["sts:AssumeRole"];
  if (list.length > 0) actions.push("sts:TagSession");
  if (sourceIdentity !== undefined) actions.push("sts:SetSourceIdentity");
  if (context !== undefined) actions.push("sts:SetContext");
  return actions.map((action) => ({ action, resources, serviceKeys, tags: list }));
}

/**
 * The role that is to be assumed, with its trust policy. One that is missing has none.
 *
 * @throws QueryError ValidationError for what is no role's ARN.
 */
export async function roleResource(
  arn: string,
  { identity }: Pick<QueryCall, "identity">,
): Promise<ResourceInput> {
  const account = /^arn:aws:iam::(\d{12}):role\/[!-~]+$/.exec(arn)?.[1];
  // Trust decides on roles alone; anything else must not get as far as a decision.
  if (account === undefined) throw queryError("ValidationError", `${arn} is invalid`);
  const role = await identity.policies.roleByArn(arn);
  if (role?.kind !== "role") return { arn, account };
  const tags = await identity.policies.tags(role.id);
  const byKey = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  return {
    arn,
    account: role.accountId,
    policy: identity.policies.trustPolicy(role),
    context: resourceContext({ account: role.accountId, tags: byKey }),
  };
}
