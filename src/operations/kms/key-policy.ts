import {
  callContext,
  compile,
  type CompiledPolicy,
  evaluate,
  parsePolicy,
  type Policy,
} from "../../iam/iam.ts";
import { keyPolicyOf } from "../../kms/kms.ts";
import { iamStore, type KmsKey, type Readable } from "../../store/store.ts";
import { jsonError } from "../../wire/wire.ts";
import type { KmsCall } from "./kms-operation.ts";
import { kmsLimits } from "./limits.ts";

/** A key policy ready to be stored. */
export type CheckedKeyPolicy = Pick<KmsKey, "policy" | "policyPins">;

/** What a key has whose maker gave it no policy: the account decides by its identity policies. */
export function defaultKeyPolicy(accountId: string): string {
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  const policy = { Version: "2012-10-17", Id: "key-default-1", Statement: [statement] };
  return JSON.stringify(policy, null, 2);
}

/**
 * Checks a key policy and pins the users and roles that it names to their unique ids.
 *
 * @throws JsonError MalformedPolicyDocumentException, LimitExceededException.
 */
export async function checkKeyPolicy(
  db: Readable,
  call: KmsCall,
  document: string,
): Promise<CheckedKeyPolicy> {
  if (Buffer.byteLength(document) > kmsLimits.policyBytes) {
    const message = `The policy is longer than ${kmsLimits.policyBytes} bytes.`;
    throw jsonError("LimitExceededException", message);
  }
  const parsed = parsePolicy(document, { kind: "key" });
  if (!parsed.ok) throw malformed(parsed.refusal.message);
  return { policy: document, policyPins: await pinsOf(db, call, parsed.policy) };
}

async function pinsOf(
  db: Readable,
  call: KmsCall,
  policy: Policy,
): Promise<Readonly<Record<string, string>>> {
  const named = policy.statements.flatMap(({ principals = [] }) => principals);
  const pins: [string, string][] = [];
  for (const { key, text } of named) {
    if (key !== "AWS") continue;
    const found = await findPrincipal(db, call.caller.accountId, text);
    if (found === "missing") {
      throw malformed("Policy contains a statement with one or more invalid principals.");
    }
    if (found !== undefined && text.startsWith("arn:aws:iam:")) pins.push([text, found]);
  }
  return Object.fromEntries(pins);
}

/**
 * The unique id of the user or role that a text names, or whose session it names; undefined where
 * it names nobody single of this account.
 */
export async function findPrincipal(
  db: Readable,
  accountId: string,
  principal: string,
): Promise<string | "missing" | undefined> {
  if (/^A(?:IDA|ROA)[A-Z0-9]+$/.test(principal)) {
    return (await iamStore.findEntityById(db, principal))?.id ?? "missing";
  }
  const [, , service, , account, resource = ""] = principal.split(":");
  if (account !== accountId || resource === "root") return undefined;
  if (service === "iam") return (await iamStore.findEntityByArn(db, principal))?.id ?? "missing";
  const [kind, name = ""] = resource.split("/");
  if (service !== "sts" || kind !== "assumed-role") return undefined;
  return (await iamStore.findEntity(db, { accountId, kind: "role", name }))?.id ?? "missing";
}

/** Allows everything: whether identity policies help is not the key's question. */
const everything = compileText(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
);

function compileText(text: string): CompiledPolicy {
  const parsed = parsePolicy(text, { kind: "identity" });
  if (!parsed.ok) throw new Error("The policy of everything cannot be parsed.");
  return compile(parsed.policy, { name: "everything" });
}

/**
 * Refuses a policy that shuts its own author out: nobody could ever change it again ("Changing a
 * key policy", Developer Guide, on the lockout safety check).
 *
 * @throws JsonError MalformedPolicyDocumentException.
 */
export function checkLockout(call: KmsCall, arn: string, checked: CheckedKeyPolicy): void {
  const { caller, facts } = call;
  const context = callContext({
    now: facts.now,
    isSecureTransport: facts.isSecure,
    origin: { sourceIp: facts.sourceIp },
    userAgent: facts.userAgent,
    requestedRegion: facts.region,
    serviceKeys: { "kms:CallerAccount": caller.accountId },
  });
  const resource = keyPolicyOf({ arn, ...checked });
  const { decision } = evaluate(
    {
      principal: caller.principal,
      action: "kms:PutKeyPolicy",
      resources: [{ arn, account: caller.accountId }],
      context,
    },
    { identity: everything, resource },
  );
  if (decision === "allow") return;
  throw malformed("The new key policy will not allow you to update the key policy in the future.");
}

/** The policy as it reads now: who was deleted stands in it by the bare id. */
export async function shownKeyPolicy(db: Readable, key: KmsKey): Promise<string> {
  let text = key.policy;
  for (const [arn, id] of Object.entries(key.policyPins)) {
    const entity = await iamStore.findEntityById(db, id);
    if (entity?.arn !== arn) {
      text = text.replaceAll(JSON.stringify(arn), JSON.stringify(entity?.arn ?? id));
    }
  }
  return text;
}

function malformed(message: string): Error {
  return jsonError("MalformedPolicyDocumentException", message);
}
