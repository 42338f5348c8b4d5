// Refusals that every operation owes, made of the input of its success.
import type { ClientCall, Keys, Members, Outcome } from "./client.ts";
import { unknownId } from "./step.ts";

/** A call that must be refused, and how. */
export type Refusal = {
  readonly call: ClientCall;
  readonly name: string;
  readonly status: number;
};

const malformedId = "-".repeat(36);
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** Everyone may ask these, whatever their policies say. */
const openToAll = new Set([
  "GetCallerIdentity",
  "GetAccessKeyInfo",
  "GetSessionToken",
  "AssumeRoleWithWebIdentity",
]);

/** What must be refused to a caller without policies, for malformed ids, and for unknown ones. */
export function refusalsOf(call: ClientCall, powerless: Keys): readonly Refusal[] {
  const { service, operation } = call;
  const isJson = service === "qbusiness";
  if (service === "kms") return kmsRefusals(call, powerless);
  const denied = isJson ? "AccessDeniedException" : "AccessDenied";
  return [
    ...(openToAll.has(operation)
      ? []
      : [{ call: { ...call, keys: powerless }, name: denied, status: 403 }]),
    ...(isJson ? malformed(call) : []),
    ...(isJson ? unknownApplication(call) : unknownEntity(call)),
  ];
}

/** What is wrong with the answer to a call that must be refused; undefined where nothing is. */
export function faultOf({ name, status }: Refusal, outcome: Outcome): string | undefined {
  if (outcome.kind === "unknown") return undefined;
  if (outcome.kind === "answered") return `is answered where ${name} is due`;
  const isRight = outcome.name === name && (outcome.status === status || outcome.status === 0);
  return isRight
    ? undefined
    : `refuses with ${outcome.name} (${outcome.status}) instead of ${name}`;
}

/** KMS answers all that a caller does wrong with the same status. */
function kmsRefusals(call: ClientCall, powerless: Keys): readonly Refusal[] {
  const denied = { call: { ...call, keys: powerless }, name: "AccessDeniedException", status: 400 };
  if (!("KeyId" in call.input)) return [denied];
  return [denied, changed(call, { KeyId: unknownId }, "NotFoundException", 400)];
}

function malformed(call: ClientCall): readonly Refusal[] {
  if (!("applicationId" in call.input)) return [];
  return [changed(call, { applicationId: malformedId }, "ValidationException", 400)];
}

function unknownApplication(call: ClientCall): readonly Refusal[] {
  const { applicationId, resourceARN } = call.input;
  const input =
    typeof resourceARN === "string"
      ? { resourceARN: resourceARN.replace(uuid, unknownId) }
      : { applicationId: unknownId };
  if (applicationId === undefined && resourceARN === undefined) return [];
  return [changed(call, input, "ResourceNotFoundException", 404)];
}

const entities = ["UserName", "RoleName", "GroupName", "PolicyArn"] as const;

function unknownEntity(call: ClientCall): readonly Refusal[] {
  const member = entities.find((name) => name in call.input);
  const isMaking = ["CreateUser", "CreateRole", "CreateGroup"].includes(call.operation);
  if (member === undefined || isMaking) return [];
  const account = /::(\d{12}):/.exec(String(call.input["PolicyArn"] ?? ""))?.[1] ?? "";
  const value = member === "PolicyArn" ? `arn:aws:iam::${account}:policy/nobody` : "nobody";
  return [changed(call, { [member]: value }, "NoSuchEntity", 404)];
}

function changed(call: ClientCall, input: Members, name: string, status: number): Refusal {
  return { call: { ...call, input: { ...call.input, ...input } }, name, status };
}
