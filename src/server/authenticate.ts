import type { Clock } from "../core/clock.ts";
import type { Caller, Identity } from "../identity/identity.ts";
import {
  type Authentication,
  emptyBodyHash,
  hashBody,
  isEventStream,
  type Refusal,
  type Seed,
  type Verifier,
} from "../sigv4/sigv4.ts";
import { headerOf, type Incoming } from "./exchange.ts";
import { type BodyBudget, type ReadBody, readBody } from "./read-body.ts";

/** A caller proven by a signature, and the body that it covers. */
export type Authenticated = {
  readonly ok: true;
  readonly caller: Caller;
  readonly service: string;
  /** Undefined for a stream of frames that sign themselves. */
  readonly body: ReadBody | undefined;
  readonly seed: Seed;
};

/** What authentication works with. */
export type AuthenticateOptions = {
  readonly identity: Pick<Identity, "findKey">;
  readonly verifier: Verifier;
  readonly now: Clock;
  readonly bodyBytesMax: number;
  readonly budget: BodyBudget;
};

/**
 * Proves who sent a request. The body is read only for a key that is known: a stranger cannot make
 * the server keep bytes.
 */
export async function authenticate(
  incoming: Incoming,
  authentication: Authentication,
  options: AuthenticateOptions,
): Promise<Authenticated | { readonly ok: false; readonly refusal: Refusal }> {
  const { accessKeyId, sessionToken, scope } = authentication;
  const key = await options.identity.findKey({ accessKeyId, sessionToken });
  const isStream = isEventStream(authentication);
  const body = key === undefined || isStream ? undefined : await readWhole(incoming, options);
  const verdict = options.verifier.verify(authentication, {
    owner: key?.owner,
    now: options.now(),
    bodyHash: () =>
      body === undefined || body.bytes.length === 0 ? emptyBodyHash : hashBody(body.bytes),
  });
  if (!verdict.ok || key === undefined) {
    body?.release();
    if (verdict.ok) throw new Error("A signature of an unknown key was accepted.");
    return { ok: false, refusal: verdict.refusal };
  }
  return { ok: true, caller: key.caller, service: scope.service, body, seed: verdict.seed };
}

/** A token of the largest size that STS takes fits, whatever it becomes in a form. */
const unsignedBytesMax = 64 * 1024;

/**
 * The body of a call to STS that needs no signature, because what it carries proves who calls;
 * undefined for every other request. `body` must be released.
 */
export async function readUnsigned(
  incoming: Incoming,
  {
    budget,
    actions,
  }: Pick<AuthenticateOptions, "budget"> & { readonly actions: readonly string[] },
): Promise<ReadBody | undefined> {
  const type = headerOf(incoming, "content-type") ?? "";
  const isForm = type.toLowerCase().startsWith("application/x-www-form-urlencoded");
  const declaredBytes = declaredLength(incoming);
  const isSmall = declaredBytes !== undefined && declaredBytes <= unsignedBytesMax;
  if (incoming.method !== "POST" || incoming.rawTarget !== "/" || !isForm || !isSmall) {
    return undefined;
  }
  const options = { sizeBytesMax: unsignedBytesMax, declaredBytes, budget };
  const body = await readBody(incoming.body, options);
  const form = new URLSearchParams(body.bytes.toString("utf8"));
  if (actions.includes(form.get("Action") ?? "")) return body;
  body.release();
  return undefined;
}

function readWhole(incoming: Incoming, options: AuthenticateOptions): Promise<ReadBody> {
  const { bodyBytesMax: sizeBytesMax, budget } = options;
  return readBody(incoming.body, { sizeBytesMax, declaredBytes: declaredLength(incoming), budget });
}

/** GET and DELETE over HTTP/2 have neither length nor body; then the stream's end says so. */
function declaredLength(incoming: Incoming): number | undefined {
  const length = incoming.headers.find(([name]) => name === "content-length")?.[1];
  if (length === undefined) {
    const isBodyless = incoming.method === "GET" && incoming.httpVersion === "1.1";
    const isChunked = incoming.headers.some(([name]) => name === "transfer-encoding");
    return isBodyless && !isChunked ? 0 : undefined;
  }
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
