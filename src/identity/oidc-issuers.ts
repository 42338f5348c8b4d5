import { createFetchDocument, type FetchDocument, FetchProblem } from "./oidc-fetch.ts";
import { type IssuerKey, isRecord, type Jwt, keysFor, readKeySet } from "./oidc-jwt.ts";

/** An issuer whose tokens may count: somebody registered it, or the operator did. */
export type Issuer = {
  /** As `iss` has it. */
  readonly url: string;
  /** Whether the operator named it, who may send the server anywhere. */
  readonly isTrusted: boolean;
};

/** The keys of issuers. */
export type IssuerKeys = {
  /**
   * Keys that could have signed the token. The issuer is asked once an hour, and again when a token
   * names a key that was not there, at most once a minute.
   *
   * @throws FetchProblem where the issuer's documents cannot be had.
   */
  readonly keysFor: (issuer: Issuer, token: Jwt, now: Date) => Promise<readonly IssuerKey[]>;
};

type Entry = { readonly keys: readonly IssuerKey[]; readonly atMs: number };
type Failure = { readonly problem: FetchProblem; readonly atMs: number };

const freshMs = 60 * 60_000;
const askAgainMs = 60_000;
/** An issuer that did not answer is left alone for a moment. */
const retryMs = 5_000;
const issuersMax = 1000;

/** Makes the reader of issuers' keys ("OpenID Connect Discovery 1.0", section 4). */
export function createIssuerKeys(fetchDocument: FetchDocument = createFetchDocument()): IssuerKeys {
  const known = new Map<string, Entry>();
  const failures = new Map<string, Failure>();
  const asking = new Map<string, Promise<Entry>>();

  const load = async (issuer: Issuer, atMs: number): Promise<Entry> => {
    try {
      const entry = { keys: await fetchKeys(issuer, fetchDocument), atMs };
      remember(known, issuer.url, entry);
      failures.delete(issuer.url);
      return entry;
    } catch (error) {
      if (error instanceof FetchProblem) remember(failures, issuer.url, { problem: error, atMs });
      throw error;
    } finally {
      asking.delete(issuer.url);
    }
  };

  /** Callers at the same time share one answer: a stranger must not make us hammer an issuer. */
  const ask = (issuer: Issuer, atMs: number): Promise<Entry> => {
    const running = asking.get(issuer.url);
    if (running !== undefined) return running;
    const asked = load(issuer, atMs);
    asking.set(issuer.url, asked);
    return asked;
  };

  return {
    keysFor: async (issuer, token, now) => {
      const atMs = now.getTime();
      const entry = known.get(issuer.url);
      const ageMs = entry === undefined ? Infinity : atMs - entry.atMs;
      const found = entry === undefined ? [] : keysFor(token, entry.keys);
      if (ageMs < freshMs && found.length > 0) return found;
      // Anybody can name a key that does not exist.
      if (ageMs < askAgainMs) return found;
      const failure = failures.get(issuer.url);
      if (failure !== undefined && atMs - failure.atMs < retryMs) throw failure.problem;
      return keysFor(token, (await ask(issuer, atMs)).keys);
    },
  };
}

function remember<T>(map: Map<string, T>, url: string, value: T): void {
  if (map.size >= issuersMax) map.clear();
  map.set(url, value);
}

async function fetchKeys(
  { url, isTrusted }: Issuer,
  fetchDocument: FetchDocument,
): Promise<readonly IssuerKey[]> {
  const base = url.replace(/\/$/, "");
  const discovery = new URL(`${base}/.well-known/openid-configuration`);
  const configuration = await fetchDocument(discovery, { isTrusted });
  const { issuer, jwks_uri: keysUrl } = isRecord(configuration) ? configuration : {};
  if (issuer !== url) throw new FetchProblem(`${discovery.host} says it is another issuer.`);
  const keySet = typeof keysUrl === "string" ? URL.parse(keysUrl) : null;
  if (keySet === null) throw new FetchProblem(`${discovery.host} names no key set.`);
  // The operator named this host, not every host that it names in turn.
  const isSameOrigin = keySet.origin === discovery.origin;
  return readKeySet(await fetchDocument(keySet, { isTrusted: isTrusted && isSameOrigin }));
}
