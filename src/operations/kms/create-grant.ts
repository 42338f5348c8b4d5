import { isDeepStrictEqual } from "node:util";
import { contextKeys, grantsFor } from "../../kms/kms.ts";
import { type KmsGrant, kmsGrants, type WriteTransaction } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { checkGrantTokens, grantToken } from "./grant-token.ts";
import { grantTerms, isWithin, requirePrincipal } from "./grants.ts";
import { askKey, checkEnabled, endDryRun, requireKey } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import { checkKmsQuota, kmsLimits } from "./limits.ts";
import * as shapes from "./shapes.ts";

/** Lets one principal use a key, besides its policy ("CreateGrant", AWS KMS API Reference). */
export const createGrant = kmsOperation({
  input: jsonShapes.structure(
    { KeyId: shapes.keyId, Operations: shapes.grantOperations },
    {
      GranteePrincipal: shapes.principal,
      GranteeServicePrincipal: shapes.servicePrincipal,
      RetiringServicePrincipal: shapes.servicePrincipal,
      RetiringPrincipal: shapes.principal,
      Constraints: shapes.grantConstraints,
      GrantTokens: shapes.grantTokens,
      Name: shapes.grantName,
      DryRun: shapes.bool,
    },
  ),

  async asks(input, call) {
    checkGrantTokens(call, input.GrantTokens);
    const terms = grantTerms(input);
    const granteePrincipal = granteeOf(input);
    const { key } = await requireKey(call.db.read, call, { keyId: input.KeyId });
    const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = terms.constraints;
    const [constraintType] = Object.keys(terms.constraints);
    // Who may make grants by a grant hands on no more than that grant allows. Its own constraint
    // is about the context of what is encrypted, and has been compared with the new one.
    const held = await grantsFor(call.db.read, call.caller, key);
    const enough = held.filter((grant) => isWithin(terms, grant));
    return askKey(
      call,
      { keyId: input.KeyId },
      {
        action: "kms:CreateGrant",
        serviceKeys: {
          ...contextKeys(equals ?? subset),
          "kms:GrantOperations": terms.operations,
          "kms:GranteePrincipal": granteePrincipal,
          "kms:RetiringPrincipal": input.RetiringPrincipal,
          "kms:GrantConstraintType": constraintType,
          "kms:GrantIsForAWSResource": "false",
        },
        grants: enough.map(({ constraints: _compared, ...grant }) => grant),
      },
    );
  },

  async run(input, call) {
    const { KeyId: keyId, RetiringPrincipal: retiringPrincipal, Name: name } = input;
    const granteePrincipal = granteeOf(input);
    return call.db.write(async (trx) => {
      const { key } = await requireKey(trx, call, { keyId });
      checkEnabled(key);
      const granteeId = await requirePrincipal(trx, call, granteePrincipal);
      const retiringId =
        retiringPrincipal && (await requirePrincipal(trx, call, retiringPrincipal));
      const terms = grantTerms(input);
      const wanted = { keyId: key.id, name, granteePrincipal, granteeId, retiringPrincipal };
      const grant = { ...wanted, retiringId, issuingAccount: call.caller.accountId, ...terms };
      const known = await findSame(trx, grant);
      endDryRun(input);
      if (known !== undefined) return answer(known);
      const count = await kmsGrants.countGrants(trx, key.id);
      checkKmsQuota("grants per key", count, kmsLimits.grantsPerKey);
      const id = call.ids.bytes(32).toString("hex");
      await kmsGrants.insertGrant(trx, { ...grant, id, createdAt: call.now });
      return answer(id);

      function answer(grantId: string): object {
        return { GrantId: grantId, GrantToken: grantToken(call, { keyId: key.id, grantId }) };
      }
    });
  },
});

/** Grants for services are made by the service itself, for the application that it acts for. */
function granteeOf(input: {
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
  readonly RetiringServicePrincipal?: string | undefined;
}): string {
  const { GranteeServicePrincipal, RetiringServicePrincipal } = input;
  if (GranteeServicePrincipal !== undefined || RetiringServicePrincipal !== undefined) {
    const message = "Quarry does not support grants for service principals over the API.";
    throw jsonError("UnsupportedOperationException", message);
  }
  if (input.GranteePrincipal !== undefined) return input.GranteePrincipal;
  throw jsonError("ValidationException", "A grant needs a GranteePrincipal.");
}

/** With a name, the same grant asked for again is the grant that there is. */
async function findSame(
  trx: WriteTransaction,
  wanted: Omit<KmsGrant, "id" | "createdAt">,
): Promise<string | undefined> {
  const { keyId, name } = wanted;
  if (name === undefined) return undefined;
  const limit = kmsLimits.grantsPerKey;
  const named = await kmsGrants.listGrants(trx, { keyId, name, after: "", limit });
  const same = named.find(({ id: _id, createdAt: _at, ...grant }) =>
    isDeepStrictEqual(grant, { ...wanted }),
  );
  return same?.id;
}
