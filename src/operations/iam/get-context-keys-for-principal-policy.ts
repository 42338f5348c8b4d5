import {
  type IamEntity,
  iamGroups,
  iamPolicies,
  iamStore,
  type Readable,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { findAwsPolicy } from "../../identity/identity.ts";
import { contextKeysOf } from "./context-keys.ts";
import type { QueryCall, QueryOperation } from "./query-operation.ts";

/**
 * Lists what the policies of a user, role or group ask for, and given ones besides
 * ("GetContextKeysForPrincipalPolicy", IAM API Reference).
 */
export const getContextKeysForPrincipalPolicy: QueryOperation<
  "iam",
  "GetContextKeysForPrincipalPolicy"
> = {
  asks: async ({ PolicySourceArn: arn }, { caller }) => [
    {
      action: "iam:GetContextKeysForPrincipalPolicy",
      resources: [{ arn, account: caller.accountId }],
    },
  ],

  async run({ PolicySourceArn, PolicyInputList = [] }, call) {
    const entity = await requireSource(call, PolicySourceArn);
    const groups = await iamGroups.listGroupsOf(call.db.read, entity.id);
    const stored = await Promise.all(
      [entity.id, ...groups].map((id) => documentsOf(call.db.read, id)),
    );
    return { ContextKeyNames: contextKeysOf([...stored.flat(), ...PolicyInputList]) };
  },
};

async function requireSource({ db, caller }: QueryCall, arn: string): Promise<IamEntity> {
  const found = await iamStore.findEntityByArn(db.read, arn);
  if (found?.accountId === caller.accountId) return found;
  throw queryError("NoSuchEntity", `The principal ${arn} cannot be found.`);
}

async function documentsOf(db: Readable, entityId: string): Promise<readonly string[]> {
  const inline = await iamStore.listPolicies(db, entityId);
  const attached = await iamPolicies.listAttached(db, entityId, "permissions");
  const managed = await Promise.all(
    attached.map((arn) => findAwsPolicy(arn)?.document ?? iamPolicies.findDocument(db, arn)),
  );
  return [...inline.map(({ document }) => document), ...managed.filter((at) => at !== undefined)];
}
