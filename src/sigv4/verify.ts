import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto";
import type { Authentication } from "./authentication.ts";
import { joinCanonicalRequest, joinStringToSign, type TextEncoding } from "./canonical.ts";
import {
  refuseClock,
  refuseKey,
  refuseScope,
  type AcceptedScopes,
  type SigningKeyOwner,
} from "./checks.ts";
import { canonicalHeaders } from "./headers.ts";
import * as messages from "./messages.ts";
import { choosePayload } from "./payload.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { credentialScopeOf, pathStyleOf, type PathStyle } from "./request.ts";
import { createSigningKeys } from "./signing-key.ts";
import { canonicalPath, canonicalQuery } from "./target.ts";

const signingKeysMaxDefault = 1000;
const alternativeHostsMax = 8;
/** Signs for keys that nobody has, so that refusing them takes as long as a wrong signature. */
const nobody = { accessKeyId: "", secretAccessKey: "nobody" };

/** What `verify` needs besides the request. */
export type VerifyOptions = {
  /** What the look-up of `authentication.accessKeyId` found; undefined when unknown or inactive. */
  readonly owner: SigningKeyOwner | undefined;
  readonly now: Date;
  /** Lower-case hex SHA-256 of the body; a function is called at most once, and only if needed. */
  readonly bodyHash: string | (() => string);
  /** Behind a proxy: hosts the client may have called instead. At most 8 are tried. */
  readonly alternativeHosts?: readonly string[];
  /** Follows from the service unless given. */
  readonly pathStyle?: PathStyle;
};

/** What a stream of signed frames goes on from. */
export type Seed = {
  /** The request's signature: the predecessor of the first frame's. */
  readonly signature: string;
  readonly credentialScope: string;
  readonly signingKey: KeyObject;
};

/** Who signed, once proven. */
export type Verified = {
  readonly ok: true;
  readonly accessKeyId: string;
  readonly service: string;
  readonly region: string;
  readonly sessionToken?: string;
  /** True when the body is a stream of frames that sign themselves: see `createEventVerifier`. */
  readonly isEventStream: boolean;
  readonly seed: Seed;
};

/** Proven, or the first check that failed. */
export type Verdict = Verified | { readonly ok: false; readonly refusal: Refusal };

/** Holds the signing keys of callers seen lately. */
export type Verifier = {
  readonly verify: (authentication: Authentication, options: VerifyOptions) => Verdict;
};

/**
 * Makes a verifier for the services and regions of one server. IAM and STS are also accepted for
 * `us-east-1`, where their global endpoints live. `signingKeysMax` bounds its memory (1000).
 *
 * `verify` checks in this order and refuses with the first that fails: scope, clock, payload
 * keyword, key and token, signature, body hash. Presence and form were `parseAuthentication`'s.
 */
export function createVerifier(
  options: AcceptedScopes & { readonly signingKeysMax?: number },
): Verifier {
  const keys = createSigningKeys(options.signingKeysMax ?? signingKeysMaxDefault);
  return {
    verify(authentication, given) {
      const early = refuseScope(authentication, options) ?? refuseClock(authentication, given.now);
      if (early !== undefined) return { ok: false, refusal: early };
      const payload = choosePayload(authentication, given.bodyHash);
      if ("reason" in payload) return { ok: false, refusal: payload };

      const { owner } = given;
      const keyRefusal = refuseKey(authentication, owner, given.now);
      const { accessKeyId, scope } = authentication;
      const signer =
        owner === undefined ? nobody : { accessKeyId, secretAccessKey: owner.secretAccessKey };
      const signingKey = keys.get(signer, scope);
      // Computed for a refused key too: the answer must not come sooner for want of a secret.
      const mismatch = compareSignature(authentication, given, payload.hash, signingKey);
      const refusal = keyRefusal ?? mismatch ?? payload.refuseBody();
      if (refusal !== undefined) return { ok: false, refusal };
      return verified(authentication, payload.isEventStream, signingKey);
    },
  };
}

function verified(
  { accessKeyId, scope, sessionToken, signature }: Authentication,
  isEventStream: boolean,
  signingKey: KeyObject,
): Verified {
  return {
    ok: true,
    accessKeyId,
    service: scope.service,
    region: scope.region,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    isEventStream,
    seed: { signature, credentialScope: credentialScopeOf(scope), signingKey },
  };
}

/** Sixth check. Undefined when one of the readings of the request has the signature it carries. */
function compareSignature(
  authentication: Authentication,
  options: VerifyOptions,
  payloadHash: string,
  signingKey: KeyObject,
): Refusal | undefined {
  const { dateTime, scope } = authentication;
  const wanted = Buffer.from(authentication.signature, "hex");
  const credentialScope = credentialScopeOf(scope);
  let expected: Refusal["expected"];
  for (const canonicalRequest of readings(authentication, options, payloadHash)) {
    for (const encoding of encodingsOf(canonicalRequest)) {
      const parts = { dateTime, credentialScope, canonicalRequest, encoding };
      const stringToSign = joinStringToSign(parts);
      const signature = createHmac("sha256", signingKey).update(stringToSign).digest();
      if (timingSafeEqual(signature, wanted)) return undefined;
      expected ??= { canonicalRequest, stringToSign };
    }
  }
  const refusal = refuse("signature", messages.wrongSignature);
  return expected === undefined ? refusal : { ...refusal, expected };
}

/**
 * The canonical requests that the client may have meant, most likely first: with another host when
 * a proxy changed it, and for presigned URLs with the token added after signing.
 */
function* readings(
  authentication: Authentication,
  options: VerifyOptions,
  payloadHash: string,
): Generator<string> {
  const { request, signedHeaders, scope } = authentication;
  const { method, target } = request;
  const path = canonicalPath(target.path, options.pathStyle ?? pathStyleOf(scope.service));
  const hosts = [undefined, ...(options.alternativeHosts ?? []).slice(0, alternativeHostsMax)];
  for (const query of queryReadings(authentication)) {
    for (const host of hosts) {
      const headerLines = canonicalHeaders(request.headers, signedHeaders, host);
      if (headerLines === undefined) continue;
      yield joinCanonicalRequest({ method, path, query, headerLines, signedHeaders, payloadHash });
    }
  }
}

function queryReadings({ form, request, sessionToken }: Authentication): readonly string[] {
  const { query } = request.target;
  if (form === "header") return [canonicalQuery(query, [])];
  const whole = canonicalQuery(query, ["X-Amz-Signature"]);
  if (sessionToken === undefined) return [whole];
  return [whole, canonicalQuery(query, ["X-Amz-Signature", "X-Amz-Security-Token"])];
}

/** Beyond ASCII some clients sign a header's characters as UTF-8, others the bytes they send. */
function encodingsOf(text: string): readonly TextEncoding[] {
  if (/^[\0-\x7f]*$/.test(text)) return ["utf8"];
  return /^[\0-\xff]*$/.test(text) ? ["utf8", "latin1"] : ["utf8"];
}
