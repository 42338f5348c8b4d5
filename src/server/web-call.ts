import type { InputOf, OperationName, OutputOf } from "../contract/contract.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { type Caller, callerName, type Identity } from "../identity/identity.ts";
import { type Database, resources, type WebSession } from "../store/store.ts";
import { ApiError, apiError, toApiError } from "../wire/wire.ts";
import type { Incoming } from "./exchange.ts";
import type { Invoke } from "./invoke.ts";
import { requestFacts } from "./request-facts.ts";

/** What a page's calls work with. */
export type WebCallOptions = {
  readonly db: Database;
  readonly identity: Pick<Identity, "assumeAsService">;
  readonly invoke: Invoke;
  readonly region: string;
  readonly log: Log;
};

/** One call of a visitor's page. */
export type WebRequest = {
  readonly incoming: Incoming;
  readonly requestId: string;
  readonly now: Date;
  readonly session: WebSession;
};

/** Calls the API as the role of a web experience, for one visitor. */
export type RoleCall = {
  readonly caller: string;
  readonly invoke: <Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
  ) => Promise<OutputOf<Name>>;
};

const service = "application.qbusiness.amazonaws.com";

/**
 * Assumes the role of the visitor's web experience, as its trust policy says ("IAM role for an
 * Amazon Q Business web experience"); what the role then may do is evaluated with every call.
 *
 * @throws AccessDeniedException where the role cannot be had, ResourceNotFoundException where the
 * application is gone.
 */
export async function callAsRole(options: WebCallOptions, request: WebRequest): Promise<RoleCall> {
  const { session, incoming, requestId, now } = request;
  const { applicationId, roleArn, owner } = session;
  const application = await resources.find(options.db.read, "application", applicationId);
  if (application === undefined) {
    throw apiError("ResourceNotFoundException", {
      message: "What this page asked its questions to does not exist any more.",
      resourceId: applicationId,
      resourceType: "application",
    });
  }
  if (roleArn === "") throw denied("The web experience has no role.");
  const role = { roleArn, service, sourceArn: application.arn, sessionName: "WebExperience" };
  const assumed = await options.identity.assumeAsService(role);
  if (assumed.kind !== "assumed") throw denied(assumed.message);
  const { caller }: { caller: Caller } = assumed;
  const facts = requestFacts(incoming, { now, region: options.region });
  const context = { requestId, caller, visitor: owner, facts, signal: incoming.signal };
  return {
    caller: callerName(caller),
    invoke: (operation, input) => options.invoke(operation, input, context),
  };
}

function denied(message: string): ApiError {
  return apiError("AccessDeniedException", { message });
}

/** What the visitor is told of a failure. */
export type WebFailure = {
  readonly status: number;
  readonly name: string;
  readonly message: string;
};

const deniedText =
  "This site is not allowed to answer at the moment. Its owner needs to look at the role of the web experience.";

/**
 * Says of a failure what a visitor may know. Which role lacks which permission is for the log:
 * the visitor has no business with ARNs.
 */
export function webFailureOf(error: unknown, requestId: string, log: Log): WebFailure {
  const { name, status, message } = toApiError(error, requestId);
  if (name === "AccessDeniedException") {
    log("warn", "page.denied", { requestId, reason: message });
    return { status, name, message: deniedText };
  }
  if (!(error instanceof ApiError)) {
    const stack = error instanceof Error ? error.stack : undefined;
    log("error", "page.failed", { requestId, reason: reasonOf(error), stack });
  }
  return { status, name, message };
}
