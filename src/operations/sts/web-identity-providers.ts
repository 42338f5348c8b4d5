import { type OidcProvider, providerNameOf } from "../../identity/identity.ts";
import { iamProviders, resources } from "../../store/store.ts";
import type { ApplicationRecord } from "../application.ts";
import type { QueryCall } from "../iam/query-operation.ts";

const applicationsPerRead = 100;

/**
 * The OIDC provider that an issuer is in this account. An issuer counts once IAM has a provider for
 * it, or an application names one, with the clients that either names: that is the only list of
 * hosts that this server asks for keys on behalf of strangers. A provider that was deleted counts no
 * more, whichever applications go on naming it.
 */
export async function findProvider(
  { db, identity }: Pick<QueryCall, "db" | "identity">,
  issuerUrl: string,
): Promise<OidcProvider | undefined> {
  const { accountId } = identity;
  let found = await registeredProvider({ db, identity }, issuerUrl);
  for (let after = 0; ;) {
    const query = { accountId, kind: "application", after, limit: applicationsPerRead } as const;
    const page = await resources.list<ApplicationRecord>(db.read, query);
    for (const { record, status } of page) {
      const { identityType, iamIdentityProviderArn: arn = "", clientIdsForOIDC = [] } = record;
      if (identityType !== "AWS_IAM_IDP_OIDC" || status !== "ACTIVE") continue;
      const issuer = arn.split(":")[4] === accountId ? identity.issuerOf(arn) : undefined;
      if (issuer?.url !== issuerUrl) continue;
      const name = providerNameOf(arn);
      if (await iamProviders.wasDeleted(db.read, { accountId, name })) continue;
      const clientIds: readonly string[] = [...(found?.clientIds ?? []), ...clientIdsForOIDC];
      found = { arn: found?.arn ?? arn, issuer, clientIds };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < applicationsPerRead) return found;
    after = last.sequence;
  }
}

/** The provider that IAM has for an issuer. A provider's name is where its issuer is, unless the operator says that it is elsewhere. */
export async function registeredProvider(
  { db, identity }: Pick<QueryCall, "db" | "identity">,
  issuerUrl: string,
): Promise<OidcProvider | undefined> {
  const { accountId } = identity;
  const known = await iamProviders.list(db.read, accountId);
  for (const provider of known) {
    const issuer = identity.issuerOf(provider.arn);
    if (issuer?.url !== issuerUrl) continue;
    return { arn: provider.arn, issuer, clientIds: provider.clientIds };
  }
  return undefined;
}
