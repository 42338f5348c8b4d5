// A real OpenID Connect issuer on loopback, people who log in at it, and tokens that it would never
// have written, signed with whatever key a test likes.
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type JsonWebKey, randomBytes, sign } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

/** Clients of the issuer; the second has its tokens signed with an elliptic curve. */
export const clientIds = { rs256: "quarry-web", es256: "quarry-mobile" } as const;
const clientSecret = "not a secret in a test";
const redirectUri = "https://client.example.com/callback";

export type Claims = Readonly<Record<string, unknown>>;
type PrivateKey = ReturnType<typeof generateKeyPairSync>["privateKey"];

export type Issuer = AsyncDisposable & {
  /** As `iss` has it. */
  readonly url: string;
  /** Paths that somebody asked for. */
  readonly asked: readonly string[];
  /** Logs a person in with a browser's steps; gives the ID token. */
  readonly logIn: (email: string, client?: keyof typeof clientIds) => Promise<string>;
  /** A token of the issuer's own key, with claims that a test chooses. */
  readonly write: (claims: Claims) => string;
  /** The same with a header or key of somebody else. */
  readonly forge: (
    claims: Claims,
    by: { readonly header?: Claims; readonly key?: PrivateKey },
  ) => string;
};

type Provider = new (
  url: string,
  configuration: object,
) => { readonly callback: () => RequestListener };

/** The package comes without types. */
const loaded: unknown = createRequire(import.meta.url)("oidc-provider");
const { default: RealProvider } = loaded as { readonly default: Provider };

/** What a token says of a person, the tags that sessions get from it among them. */
export function personClaims(email: string): Claims {
  return {
    sub: email,
    "https://aws.amazon.com/tags": { principal_tags: { Email: [email.toUpperCase()] } },
  };
}

export async function openIssuer(): Promise<Issuer> {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const asked: string[] = [];
  let handler: RequestListener | undefined;
  const http = createServer((request, response) => {
    asked.push(request.url ?? "");
    handler?.(request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const jwk = (key: PrivateKey, kid: string): JsonWebKey & { kid: string } => ({
    ...key.export({ format: "jwk" }),
    kid,
    use: "sig",
  });
  handler = new RealProvider(url, {
    jwks: { keys: [jwk(rsa, "rsa"), jwk(curve, "curve")] },
    clients: Object.entries(clientIds).map(([algorithm, client_id]) => ({
      client_id,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: algorithm.toUpperCase(),
    })),
    claims: { openid: ["sub", "https://aws.amazon.com/tags"] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString("hex")] },
    features: { devInteractions: { enabled: true } },
    // Silences reminders that are meant for production.
    ttl: { Interaction: 600, Session: 600, Grant: 600 },
    findAccount: (_context: unknown, email: string) => ({
      accountId: email,
      claims: () => personClaims(email),
    }),
  }).callback();
  const forge: Issuer["forge"] = (claims, { header, key = rsa }) => {
    const part = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const head = header ?? { alg: "RS256", kid: "rsa" };
    const signed = `${part(head)}.${part(claims)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
  };
  return {
    url,
    asked,
    logIn: (email, client = "rs256") => logIn(url, email, clientIds[client]),
    write: (claims) => forge(claims, {}),
    forge,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** The authorization code flow, as a browser and then a client go through it. */
async function logIn(url: string, email: string, clientId: string): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const visit = browser();
  let page = await visit(`${url}/auth?${query}`);
  for (const prompt of ["login", "consent"]) {
    const form = new URLSearchParams({ prompt, login: email, password: "any" });
    page = await visit(page, form);
  }
  const code = new URL(page).searchParams.get("code") ?? assert.fail(`no code in ${page}`);
  const answer = await fetch(`${url}/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${encodeURIComponent(clientSecret)}`).toString("base64")}`,
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  const { id_token: token } = (await answer.json()) as { readonly id_token?: string };
  return token ?? assert.fail(`no token: ${answer.status}`);
}

/** Follows redirects with cookies until a page wants a form, or the way leads to the client. */
function browser(): (url: string, form?: URLSearchParams) => Promise<string> {
  const cookies = new Map<string, string>();
  return async (url, form) => {
    let at = url;
    for (let body = form, steps = 0; steps < 10; steps += 1, body = undefined) {
      if (at.startsWith(redirectUri)) return at;
      const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
      const method = body === undefined ? "GET" : "POST";
      const init = { method, headers: { cookie }, redirect: "manual" } as const;
      const answer = await fetch(at, body === undefined ? init : { ...init, body });
      await answer.text();
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ""] = line.split(";");
        const split = pair.indexOf("=");
        cookies.set(pair.slice(0, split), pair.slice(split + 1));
      }
      const location = answer.headers.get("location");
      if (location === null) return at;
      at = new URL(location, at).href;
    }
    return assert.fail(`The way from ${url} does not end.`);
  };
}
