import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { shownKeyPolicy } from "./key-policy.ts";
import { asksKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Reads a key's policy; each key has one, named `default` ("GetKeyPolicy", AWS KMS API Reference). */
export const getKeyPolicy = kmsOperation({
  input: jsonShapes.structure({ KeyId: shapes.keyId }, { PolicyName: shapes.policyName }),

  asks: asksKey("kms:GetKeyPolicy"),

  async run({ KeyId: keyId, PolicyName = "default" }, call) {
    const { key } = await requireKey(call.db.read, call, { keyId });
    if (PolicyName !== "default") throw jsonError("NotFoundException", "No such policy exists");
    return { Policy: await shownKeyPolicy(call.db.read, key), PolicyName };
  },
});
