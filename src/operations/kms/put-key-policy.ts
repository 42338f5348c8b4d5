import { kmsStore } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { checkKeyPolicy, checkLockout } from "./key-policy.ts";
import { askKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Replaces a key's policy; it counts at once ("PutKeyPolicy", AWS KMS API Reference). */
export const putKeyPolicy = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId, Policy: shapes.policy },
    { PolicyName: shapes.policyName, BypassPolicyLockoutSafetyCheck: shapes.bool },
  ),

  asks({ KeyId: keyId, BypassPolicyLockoutSafetyCheck: bypass = false }, call) {
    const serviceKeys = { "kms:BypassPolicyLockoutSafetyCheck": String(bypass) };
    return askKey(call, { keyId }, { action: "kms:PutKeyPolicy", serviceKeys });
  },

  async run(input, call) {
    const { KeyId: keyId, PolicyName = "default", Policy: document } = input;
    if (PolicyName !== "default") {
      const message = `The only policy that a key can have is named default, not ${PolicyName}.`;
      throw jsonError("ValidationException", message);
    }
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      const policy = await checkKeyPolicy(trx, call, document);
      if (input.BypassPolicyLockoutSafetyCheck !== true) checkLockout(call, key.arn, policy);
      await kmsStore.updateKey(trx, key.id, policy);
    });
  },
});
