import type { KeyGrant } from "../../iam/iam.ts";
import { namesOf } from "../../kms/kms.ts";
import { type KmsGrant, kmsGrants, type Readable } from "../../store/store.ts";
import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { readGrantToken } from "./grant-token.ts";
import { requireGrant } from "./grants.ts";
import { askKey, endDryRun, requireKey } from "./keys.ts";
import { type KmsCall, kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

const input = jsonShapes.structure(
  {},
  {
    GrantToken: jsonShapes.text({ min: 1, max: 8192 }),
    KeyId: shapes.keyId,
    GrantId: shapes.grantId,
    DryRun: shapes.bool,
  },
);

type Input = NonNullable<ReturnType<typeof input.read>>;

/**
 * Ends a grant that has done its work: for whom the grant names as retiring, for the grantee where
 * the grant allows it, and for whom policies allow it ("RetireGrant", AWS KMS API Reference).
 */
export const retireGrant = kmsOperation({
  input,

  async asks(input, call) {
    const grant = await namedGrant(call.db.read, call, input);
    return askKey(
      call,
      { keyId: grant.keyId },
      { action: "kms:RetireGrant", grants: retiring(call, grant) },
    );
  },

  async run(input, call) {
    await call.db.write(async (trx) => {
      const grant = await namedGrant(trx, call, input);
      endDryRun(input);
      await kmsGrants.removeGrant(trx, grant);
    });
  },
});

/** What this one grant allows about itself; other grants of the key have no say. */
function retiring({ caller }: KmsCall, grant: KmsGrant): readonly KeyGrant[] {
  const names = namesOf(caller.principal);
  const isMeant = (name: string | undefined, id: string | undefined): name is string =>
    name !== undefined && names.includes(name) && (id === undefined || id === caller.entityId);
  const grants: KeyGrant[] = [];
  if (isMeant(grant.granteePrincipal, grant.granteeId)) grants.push(grant);
  if (isMeant(grant.retiringPrincipal, grant.retiringId)) {
    const granteePrincipal = grant.retiringPrincipal;
    grants.push({ id: grant.id, granteePrincipal, operations: ["RetireGrant"] });
  }
  return grants;
}

async function namedGrant(db: Readable, call: KmsCall, input: Input): Promise<KmsGrant> {
  const { GrantToken: token, KeyId: keyId, GrantId: grantId } = input;
  if (token !== undefined && keyId === undefined && grantId === undefined) {
    const named = readGrantToken(call, token);
    await requireKey(db, call, named);
    return requireGrant(db, named);
  }
  if (token !== undefined || keyId === undefined || grantId === undefined) {
    const message = "Specify either a GrantToken, or a KeyId and a GrantId.";
    throw jsonError("ValidationException", message);
  }
  const { key } = await requireKey(db, call, { keyId });
  return requireGrant(db, { keyId: key.id, grantId });
}
