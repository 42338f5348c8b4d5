import { type IamEntity, iamStore, type Readable } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { checkQuota, policySize } from "./limits.ts";
import { requirePolicy } from "./policies.ts";
import type { QueryCall } from "./query-operation.ts";

/** A trust policy ready to be stored. */
export type CheckedTrustPolicy = Readonly<
  Pick<IamEntity, "trustPolicy"> & { trustPins: Readonly<Record<string, string>> }
>;

/**
 * Checks a trust policy and pins the users and roles that it names to their unique ids: whoever
 * gets the name later is a stranger ("AWS JSON policy elements: Principal", IAM User Guide). A name
 * of this account that nobody has is refused; other accounts cannot be asked.
 *
 * @throws QueryError MalformedPolicyDocument or LimitExceeded.
 */
export async function checkTrustPolicy(
  db: Readable,
  { caller: { accountId }, quotas }: QueryCall,
  document: string,
): Promise<CheckedTrustPolicy> {
  const policy = requirePolicy(document, "trust");
  const max = quotas.iam.trustPolicyCharacters;
  if (policySize(document) > max) checkQuota("ACLSizePerRole", max, max);
  const named = policy.statements
    .flatMap(({ principals = [] }) => principals)
    .filter(({ key }) => key === "AWS");
  const trustPins: Record<string, string> = {};
  for (const { text } of named) {
    const found = await idOf(db, accountId, text);
    if (found === "missing") {
      const message = `Invalid principal in policy: "AWS":"${text}"`;
      throw queryError("MalformedPolicyDocument", message);
    }
    if (found !== undefined && text.startsWith("arn:")) trustPins[text] = found;
  }
  return { trustPolicy: document, trustPins };
}

/** The id that a principal stands for; undefined where it stands for no single user or role. */
async function idOf(
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
  // A session is no entity: its ARN stays as it is, but there must be such a role.
  const role = await iamStore.findEntity(db, { accountId, kind: "role", name });
  return role === undefined ? "missing" : undefined;
}

/** The document as it reads now: who was deleted stands in it by the bare id. */
export async function shownTrustPolicy(db: Readable, role: IamEntity): Promise<string> {
  let text = role.trustPolicy;
  for (const [arn, id] of Object.entries(role.record.trustPins ?? {})) {
    const entity = await iamStore.findEntityById(db, id);
    if (entity?.arn === arn) continue;
    text = text.replaceAll(JSON.stringify(arn), JSON.stringify(entity?.arn ?? id));
  }
  return text;
}
