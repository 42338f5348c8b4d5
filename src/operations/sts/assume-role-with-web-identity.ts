import type { stsShapes } from "../../contract/contract.ts";
import type { Caller, WebIdentity } from "../../identity/identity.ts";
import { usedTokens } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall, QueryOperation, QueryQuestion } from "../iam/query-operation.ts";
import { roleResource } from "./assume-role-questions.ts";
import { makeSession, sessionSeconds } from "./session.ts";
import type { SessionLoad } from "./session-policy.ts";
import { sessionTagsOf, type SessionTags } from "./session-tags.ts";
import { findProvider } from "./web-identity-providers.ts";

type Input = stsShapes.AssumeRoleWithWebIdentityRequest;

/**
 * Makes temporary credentials of a role for whom an OpenID Connect issuer vouches
 * ("AssumeRoleWithWebIdentity", AWS STS API Reference). The call is not signed: the token proves
 * who calls. A token with an id of its own (`jti`) counts once.
 */
export const assumeRoleWithWebIdentity: QueryOperation<"sts", "AssumeRoleWithWebIdentity"> = {
  async proves(input, call) {
    if (input.ProviderId !== undefined) {
      const message =
        "Quarry takes tokens of OpenID Connect issuers only, which have no ProviderId.";
      throw queryError("ValidationError", message);
    }
    const { identity, now } = call;
    const verdict = await identity.checkToken({
      token: input.WebIdentityToken,
      now,
      findProvider: (issuerUrl) => findProvider(call, issuerUrl),
    });
    if (!verdict.ok) throw queryError(verdict.code, verdict.message);
    const { identity: webIdentity } = verdict;
    const principal = { type: "provider", provider: webIdentity.providerArn } as const;
    return { principal, accountId: identity.accountId, entityId: undefined, webIdentity };
  },

  asks: questions,
  // One text for a role that is missing and for one that does not admit the caller.
  denial: () => denied,

  async run(input, call) {
    const person = webIdentityOf(call.caller);
    const role = await call.identity.policies.roleByArn(input.RoleArn);
    if (role?.kind !== "role") throw queryError("AccessDenied", denied);
    const seconds = sessionSeconds(input.DurationSeconds, role);
    const load = loadOf(input, person, call.caller);
    const session = await makeSession(call, role, { name: input.RoleSessionName, seconds, load });
    // Last of all: a call that is refused for another reason must not use the token up.
    await useUp(person, call);
    return {
      ...session,
      SubjectFromWebIdentityToken: person.subject,
      Provider: person.issuer,
      Audience: person.audience,
    };
  },
};

const denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

/** An action of its own for each thing that the session is to carry. */
async function questions(input: Input, call: QueryCall): Promise<readonly QueryQuestion[]> {
  const person = webIdentityOf(call.caller);
  const { tags, transitiveTagKeys } = tagsOf(person, call.caller);
  const { providerName, sourceIdentity } = person;
  const serviceKeys = {
    [`${providerName}:aud`]: person.audience,
    [`${providerName}:sub`]: person.subject,
    [`${providerName}:amr`]: person.methods,
    "aws:FederatedProvider": person.providerArn,
    "sts:RoleSessionName": input.RoleSessionName,
    "sts:SourceIdentity": sourceIdentity,
    "sts:TransitiveTagKeys": transitiveTagKeys,
  };
  const list = Object.entries(tags).map(([key, value]) => ({ key, value }));
  const actions = ["sts:AssumeRoleWithWebIdentity"];
  if (list.length > 0) actions.push("sts:TagSession");
  if (sourceIdentity !== undefined) actions.push("sts:SetSourceIdentity");
  const resources = [await roleResource(input.RoleArn, call)];
  return actions.map((action) => ({ action, resources, serviceKeys, tags: list }));
}

function webIdentityOf({ webIdentity }: Caller): WebIdentity {
  if (webIdentity === undefined) throw new Error("Nobody has been proven by a token.");
  return webIdentity;
}

function tagsOf({ tags, transitiveTagKeys }: WebIdentity, caller: Caller): SessionTags {
  return sessionTagsOf({ Tags: tags, TransitiveTagKeys: transitiveTagKeys }, caller);
}

function loadOf(input: Input, person: WebIdentity, caller: Caller): SessionLoad {
  const { tags, transitiveTagKeys } = tagsOf(person, caller);
  const { providerArn, subject, audience, sourceIdentity } = person;
  const policyArns = (input.PolicyArns ?? []).flatMap(({ arn }) => arn ?? []);
  // Source of the name: "Amazon Q Business and IAM federation", user guide.
  const email = tags["Email"];
  return {
    ...(policyArns.length > 0 && { policyArns }),
    ...(input.Policy !== undefined && { policy: input.Policy }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    user: { subject, providerArn, audience, ...(email !== undefined && { email }) },
  };
}

async function useUp({ tokenIdHash, expiresAt }: WebIdentity, call: QueryCall): Promise<void> {
  if (tokenIdHash === undefined) return;
  const token = { idHash: tokenIdHash, expiresAt, now: call.now };
  const isFirst = await call.db.write((trx) => usedTokens.use(trx, token));
  if (isFirst) return;
  throw queryError("IDPRejectedClaim", "The ID Token provided has been used before.");
}
