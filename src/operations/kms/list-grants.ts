import { kmsGrants } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { grantEntry } from "./grants.ts";
import { askKey, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { readKmsPage } from "./paging.ts";
import * as shapes from "./shapes.ts";

/** Lists a key's grants ("ListGrants", AWS KMS API Reference). */
export const listGrants = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId },
    {
      Limit: shapes.limit,
      Marker: shapes.marker,
      GrantId: shapes.grantId,
      GranteePrincipal: shapes.principal,
      GranteeServicePrincipal: shapes.servicePrincipal,
    },
  ),

  asks({ KeyId: keyId }, call) {
    const serviceKeys = { "kms:GrantIsForAWSResource": "false" };
    return askKey(call, { keyId }, { action: "kms:ListGrants", serviceKeys });
  },

  async run(input, call) {
    const { key } = await requireKey(call.db.read, call, { keyId: input.KeyId });
    const { GrantId: id, GranteePrincipal, GranteeServicePrincipal } = input;
    if (GranteePrincipal !== undefined && GranteeServicePrincipal !== undefined) {
      const message = "Specify GranteePrincipal or GranteeServicePrincipal, not both.";
      throw jsonError("ValidationException", message);
    }
    const grantee = GranteePrincipal ?? GranteeServicePrincipal;
    const grantees = grantee === undefined ? undefined : [grantee];
    const query = { keyId: key.id, grantees, id };
    const listing = ["ListGrants", key.id, id ?? "", grantee ?? ""];
    const { items, paging } = await readKmsPage(
      call,
      { listing, input, limitDefault: 50, limitMax: 100 },
      (after, limit) => kmsGrants.listGrants(call.db.read, { ...query, after, limit }),
      (grant) => grant.id,
    );
    return { Grants: items.map((grant) => grantEntry(grant, key.arn)), ...paging };
  },
});
