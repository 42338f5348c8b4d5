import { kmsGrants } from "../../store/store.ts";
import { jsonShapes } from "../../wire/wire.ts";
import { requireGrant } from "./grants.ts";
import { askKey, endDryRun, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Takes a grant back, at once ("RevokeGrant", AWS KMS API Reference). */
export const revokeGrant = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId, GrantId: shapes.grantId },
    { DryRun: shapes.bool },
  ),

  asks({ KeyId: keyId }, call) {
    const serviceKeys = { "kms:GrantIsForAWSResource": "false" };
    return askKey(call, { keyId }, { action: "kms:RevokeGrant", serviceKeys });
  },

  async run(input, call) {
    await call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId: input.KeyId });
      const grant = await requireGrant(trx, { keyId: key.id, grantId: input.GrantId });
      endDryRun(input);
      await kmsGrants.removeGrant(trx, grant);
    });
  },
});
