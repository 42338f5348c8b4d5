import { resourceContext } from "../../iam/iam.ts";
import { providerNameOf } from "../../identity/identity.ts";
import {
  type IamOidcProvider,
  iamProviders,
  type Readable,
  tags as tagStore,
} from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { change, type QueryCall, type QueryQuestion } from "./query-operation.ts";

/** What IAM keeps of a provider besides its address. */
export type ProviderFacts = Pick<IamOidcProvider, "clientIds" | "thumbprints">;

const clientIdsMax = 100;
const thumbprintsMax = 5;

/** `arn:aws:iam::111122223333:oidc-provider/id.example.com/tenant`. */
export function providerArn(accountId: string, name: string): string {
  return `arn:aws:iam::${accountId}:oidc-provider/${name}`;
}

/**
 * What follows `https://` in the address of an issuer.
 *
 * @throws QueryError InvalidInput for anything but an https address without query and fragment.
 */
export function providerNameIn(url: string): string {
  const parsed = URL.parse(url);
  const name = url.slice("https://".length);
  const isPlain =
    parsed?.protocol === "https:" &&
    parsed.username + parsed.password + parsed.search + parsed.hash === "" &&
    /^https:\/\/[A-Za-z0-9._:/~%-]+$/.test(url) &&
    name.toLowerCase().startsWith(parsed.host);
  if (isPlain) return name;
  const message = `Invalid Open ID Connect Provider URL: ${url} must be an https URL without query.`;
  throw queryError("InvalidInput", message);
}

/** What a provider has; lists that are longer than IAM takes are refused, repeats fall away. */
export function checkedFacts({ clientIds, thumbprints }: ProviderFacts): ProviderFacts {
  const clients = [...new Set(clientIds)];
  if (clients.length > clientIdsMax) {
    const quota = "ClientIdsPerOpenIdConnectProvider";
    throw queryError("LimitExceeded", `Cannot exceed quota for ${quota}: ${clientIdsMax}`);
  }
  if (thumbprints.length > thumbprintsMax) {
    const message = `Thumbprint list must contain at most ${thumbprintsMax} entries.`;
    throw queryError("InvalidInput", message);
  }
  const wrong = thumbprints.find((text) => !/^[0-9a-fA-F]{40}$/.test(text));
  if (wrong !== undefined) throw queryError("InvalidInput", "Thumbprint must be 40 hex digits.");
  return { clientIds: clients, thumbprints };
}

/** The provider with that ARN in the caller's account. */
export function findProvider(
  db: Readable,
  { caller }: Pick<QueryCall, "caller">,
  arn: string,
): Promise<IamOidcProvider | undefined> {
  const { accountId } = caller;
  const name = providerNameOf(arn);
  if (arn !== providerArn(accountId, name)) return Promise.resolve(undefined);
  return iamProviders.find(db, { accountId, name });
}

/**
 * As `findProvider`, for calls that need it.
 *
 * @throws QueryError NoSuchEntity.
 */
export async function requireProvider(
  db: Readable,
  call: Pick<QueryCall, "caller">,
  arn: string,
): Promise<IamOidcProvider> {
  const found = await findProvider(db, call, arn);
  if (found !== undefined) return found;
  throw queryError("NoSuchEntity", `OpenIDConnect Provider not found for arn ${arn}`);
}

/** The question of an action on a provider: its ARN, there or not, and its tags. */
export async function askOfProvider(
  call: QueryCall,
  action: string,
  arn: string,
): Promise<readonly QueryQuestion[]> {
  const account = call.caller.accountId;
  const tags = await tagStore.list(call.db.read, arn);
  const byKey = Object.fromEntries(tags.map(({ key, value }) => [key, value]));
  const context = resourceContext({ account, tags: byKey });
  return [{ action, resources: [{ arn, account, context }] }];
}

/** Changes what a provider has. */
export async function changeProvider(
  call: QueryCall,
  arn: string,
  changed: (facts: ProviderFacts) => ProviderFacts,
): Promise<void> {
  await change(call, async (trx) => {
    const provider = await requireProvider(trx, call, arn);
    await iamProviders.change(trx, provider, checkedFacts(changed(provider)));
  });
}
