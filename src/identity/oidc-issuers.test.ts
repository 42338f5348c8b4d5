import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { FetchProblem } from "./oidc-fetch.ts";
import { createIssuerKeys } from "./oidc-issuers.ts";
import { isSignedBy, type Jwt, parseJwt, readKeySet } from "./oidc-jwt.ts";

const url = "https://id.example.com/people";
const issuer = { url, isTrusted: false };
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });

function published(kid: string): object {
  return { ...pair.publicKey.export({ format: "jwk" }), kid };
}

function tokenOf(kid: string): Jwt {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "ES256", kid })}.${part({ iss: url })}`;
  const key = { key: pair.privateKey, dsaEncoding: "ieee-p1363" } as const;
  const signature = sign("sha256", Buffer.from(signed), key).toString("base64url");
  return parseJwt(`${signed}.${signature}`) ?? assert.fail("no token");
}

/** An issuer whose documents a test can change, and that counts who asks. */
function makeIssuer() {
  const state = {
    keys: [published("a")],
    issuer: url,
    keysUrl: "https://keys.example.com/set",
    isDown: false,
  };
  const asked: string[] = [];
  const keys = createIssuerKeys(async (address, { isTrusted }) => {
    asked.push(`${address.href}${isTrusted ? " trusted" : ""}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (state.isDown) throw new FetchProblem("down");
    return address.pathname.endsWith("openid-configuration")
      ? { issuer: state.issuer, jwks_uri: state.keysUrl }
      : { keys: state.keys };
  });
  return { state, asked, keys };
}

function at(minutes: number): Date {
  return new Date(1_800_000_000_000 + minutes * 60_000);
}

test("an issuer is asked once an hour, by all at the same time together", async () => {
  const { asked, keys } = makeIssuer();
  const token = tokenOf("a");
  const found = await Promise.all([1, 2, 3].map(() => keys.keysFor(issuer, token, at(0))));
  assert.ok(found.every(([key]) => key !== undefined && isSignedBy(token, key)));
  await keys.keysFor(issuer, token, at(59));
  assert.deepEqual(asked, [
    `${url}/.well-known/openid-configuration`,
    "https://keys.example.com/set",
  ]);
  await keys.keysFor(issuer, token, at(61));
  assert.equal(asked.length, 4);
});

test("a new key is found within a minute; a key that was taken out counts no more after an hour", async () => {
  const { state, asked, keys } = makeIssuer();
  await keys.keysFor(issuer, tokenOf("a"), at(0));
  state.keys = [published("b")];
  assert.deepEqual(await keys.keysFor(issuer, tokenOf("b"), at(0.5)), []);
  assert.equal((await keys.keysFor(issuer, tokenOf("b"), at(1.5))).length, 1);
  assert.deepEqual(await keys.keysFor(issuer, tokenOf("a"), at(62)), []);
  assert.equal(asked.length, 6);
});

test("an issuer that is down is left alone for a moment, and asked again after it", async () => {
  const { state, asked, keys } = makeIssuer();
  state.isDown = true;
  await assert.rejects(keys.keysFor(issuer, tokenOf("a"), at(0)), FetchProblem);
  await assert.rejects(keys.keysFor(issuer, tokenOf("a"), at(0.05)), FetchProblem);
  assert.equal(asked.length, 1);
  state.isDown = false;
  assert.equal((await keys.keysFor(issuer, tokenOf("a"), at(0.1))).length, 1);
});

test("a document that speaks of another issuer, or of no keys, is no issuer's", async () => {
  const rows: readonly (readonly [object, RegExp])[] = [
    [{ issuer: `${url}/` }, /says it is another issuer/],
    [{ issuer: "https://evil.example.com" }, /says it is another issuer/],
    [{ keysUrl: "not a URL" }, /names no key set/],
  ];
  for (const [change, message] of rows) {
    const { state, keys } = makeIssuer();
    Object.assign(state, change);
    await assert.rejects(keys.keysFor(issuer, tokenOf("a"), at(0)), message);
  }
});

test("the operator's word for a host is not for the hosts that it names", async () => {
  const { state, asked, keys } = makeIssuer();
  await keys.keysFor({ url, isTrusted: true }, tokenOf("a"), at(0));
  state.keysUrl = "https://id.example.com/keys";
  await keys.keysFor({ url, isTrusted: true }, tokenOf("a"), at(100));
  assert.deepEqual(
    asked.filter((address) => address.endsWith("trusted")),
    [
      `${url}/.well-known/openid-configuration trusted`,
      `${url}/.well-known/openid-configuration trusted`,
      "https://id.example.com/keys trusted",
    ],
  );
});

test("keys that are weak, secret, for encryption or not understood are left out", () => {
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const strong = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = strong.publicKey.export({ format: "jwk" });
  const rows: readonly (readonly [unknown, number])[] = [
    [{ keys: [rsa, published("x")] }, 2],
    [{ keys: [{ ...rsa, use: "sig", alg: "RS256" }] }, 1],
    [{ keys: [strong.privateKey.export({ format: "jwk" })] }, 1],
    [{ keys: [weak.export({ format: "jwk" })] }, 0],
    [{ keys: [{ ...rsa, use: "enc" }] }, 0],
    [{ keys: [{ ...rsa, alg: "RS512" }] }, 0],
    [{ keys: [{ kty: "oct", k: "c2VjcmV0" }] }, 0],
    [{ keys: [{ ...published("x"), crv: "P-384" }] }, 0],
    [{ keys: [{ ...published("x"), x: "AA" }] }, 0],
    [{ keys: [{ kty: "RSA", n: 7, e: "AQAB" }, null, "key", []] }, 0],
    [{ keys: "none" }, 0],
    [undefined, 0],
  ];
  for (const [document, count] of rows) {
    assert.equal(readKeySet(document).length, count, JSON.stringify(document));
  }
  const [only] = readKeySet({ keys: [strong.privateKey.export({ format: "jwk" })] });
  assert.equal(only?.key.type, "public");
});

test("no text makes the reader of tokens throw, and no changed token is signed", () => {
  const [key] = readKeySet({ keys: [published("a")] });
  const { signed, signature } = tokenOf("a");
  const good = `${signed.toString()}.${signature.toString("base64url")}`;
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      assert.equal(parseJwt(text), undefined);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.constantFrom(..."Aaz0-_."), (position, letter) => {
      const changed = good.slice(0, position) + letter + good.slice(position + 1);
      const token = parseJwt(changed);
      if (changed === good || token === undefined || key === undefined) return;
      assert.equal(isSignedBy(token, key), false, changed);
    }),
    { numRuns: 300 },
  );
});
