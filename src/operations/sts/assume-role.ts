import type { stsShapes } from "../../contract/contract.ts";
import { callerName } from "../../identity/identity.ts";
import type { IamEntity } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import type { QueryCall, QueryOperation } from "../iam/query-operation.ts";
import { assumeRoleQuestions } from "./assume-role-questions.ts";
import { providedContext, sessionUserOf, useContextUp } from "./provided-context.ts";
import { makeSession, sessionSeconds } from "./session.ts";
import type { SessionLoad } from "./session-policy.ts";
import { sessionTagsOf } from "./session-tags.ts";

type Input = stsShapes.AssumeRoleRequest;

const chainedSecondsMax = 3600;

/**
 * Makes temporary credentials of a role ("AssumeRole", AWS STS API Reference). Nothing is stored:
 * the token says it all, and only this installation can write one.
 */
export const assumeRole: QueryOperation<"sts", "AssumeRole"> = {
  asks: assumeRoleQuestions,
  denial,

  async run(input, call) {
    refuseUnbuilt(input);
    const role = await call.identity.policies.roleByArn(input.RoleArn);
    // Deleted since the decision: it reads as any role that does not admit the caller.
    if (role === undefined) throw queryError("AccessDenied", denial(input, call));
    const seconds = durationOf(input, role, call);
    const context = providedContext(input, call);
    const user = context && sessionUserOf(context);
    const load = { ...loadOf(input, call), ...(user && { user }) };
    const session = await makeSession(call, role, { name: input.RoleSessionName, seconds, load });
    if (context !== undefined) await useContextUp(context, call);
    return session;
  },
};

/** One text for a role that is missing and for one that does not admit the caller. */
function denial({ RoleArn }: Input, { caller }: QueryCall): string {
  if (caller.principal.type === "root") return "Roles may not be assumed by root accounts.";
  const subject = `User: ${callerName(caller)} is not authorized to perform: sts:AssumeRole`;
  return `${subject} on resource: ${RoleArn}`;
}

/** What would be passed over in silence must be refused. */
function refuseUnbuilt(input: Input): void {
  if (input.SerialNumber === undefined && input.TokenCode === undefined) return;
  const reason = "MultiFactorAuthentication failed, unable to validate MFA code.";
  throw queryError("AccessDenied", `${reason} Quarry has no MFA devices.`);
}

/** The session's length in seconds; a session made by a session is the shorter kind. */
function durationOf({ DurationSeconds }: Input, role: IamEntity, { caller }: QueryCall): number {
  const isChained = caller.session !== undefined;
  if (isChained && (DurationSeconds ?? 0) > chainedSecondsMax) {
    throw queryError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  return sessionSeconds(DurationSeconds, role);
}

function loadOf(input: Input, { caller }: QueryCall): SessionLoad {
  const { tags, transitiveTagKeys } = sessionTagsOf(input, caller);
  const inherited = caller.session?.sourceIdentity;
  const sourceIdentity = input.SourceIdentity ?? inherited;
  if (inherited !== undefined && sourceIdentity !== inherited) {
    throw queryError("ValidationError", "The source identity of a session cannot be changed.");
  }
  const policyArns = (input.PolicyArns ?? []).flatMap(({ arn }) => arn ?? []);
  return {
    ...(policyArns.length > 0 && { policyArns }),
    ...(input.Policy !== undefined && { policy: input.Policy }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}
