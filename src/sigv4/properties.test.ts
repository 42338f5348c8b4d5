import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { SignatureV4 } from "@smithy/signature-v4";
import { hashBody } from "./body-hash.ts";
import { sha256Of } from "./testing/real-clients.ts";
import { unsignedPayload, type HeaderList, type WireRequest } from "./request.ts";
import { presign, sign } from "./sign.ts";
import { caller, check, now, scope, signedGet } from "./testing/requests.ts";

// Laws over random requests: odd paths, repeated query keys, Unicode, blanks in header values.

const piece = fc.oneof(
  fc.constantFrom("", ".", "..", "a", "%20", "%2F", "%252F", "%C3%A9", "+", "~", "a:b", "a@b", "%"),
  fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => encodeURIComponent(text)),
  fc.string({ maxLength: 6 }).map((text) => text.replaceAll(/[^!-~]|[/?#]/g, "")),
);
const path = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join("/")}`);
const word = fc.oneof(fc.constantFrom("a", "b", "a-b", "X-Amz-Date2", "é"), fc.string());
const pairs = fc.array(fc.tuple(word, word), { maxLength: 6 });
const query = pairs.map((list) =>
  list.map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&"),
);
const escape = (text: string): string => encodeURIComponent(text.toWellFormed());
const value = fc
  .string({ unit: fc.constantFrom(..."abcXYZ019 \t\"',;=é/".split("")), maxLength: 12 })
  .map((text) => text.replaceAll("\n", " "));
const name = fc.constantFrom("content-type", "x-amz-target", "x-a", "x-b", "x-c");
const headers = fc.array(fc.tuple(name, value), { maxLength: 6 });
const host = fc.constantFrom<[string, string]>(["host", "h:1"], [":authority", "h:1"]);
const method = fc.constantFrom("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD");
const service = fc.constantFrom("qbusiness", "iam", "s3");
const body = fc.string({ unit: "binary", maxLength: 20 });

const request = fc
  .record({ method, path, query, headers, host, body, service })
  .map(({ path, query, host, headers, ...rest }) => ({
    ...rest,
    rawTarget: query === "" ? path : `${path}?${query}`,
    headers: [host, ...headers] as HeaderList,
  }));

test("what we sign we verify", () => {
  fc.assert(
    fc.property(request, ({ body, service, ...wire }) => {
      const options = { ...scope, service, now, bodyHash: hashBody(body) };
      const signed = { ...wire, headers: sign(wire, caller, options).headers };
      const verdict = check(signed, { bodyHash: hashBody(body) });
      assert.ok(verdict.ok, verdict.ok ? "" : verdict.refusal.message);
    }),
    { numRuns: 1000 },
  );
});

test("what we presign we verify", () => {
  fc.assert(
    fc.property(request, ({ body, service, ...wire }) => {
      const bodyHash = service === "s3" ? unsignedPayload : hashBody(body);
      const options = { ...scope, service, now, bodyHash, expiresSeconds: 60 };
      const signed = { ...wire, rawTarget: presign(wire, caller, options).rawTarget };
      const verdict = check(signed, { bodyHash });
      assert.ok(verdict.ok, verdict.ok ? "" : verdict.refusal.message);
    }),
    { numRuns: 500 },
  );
});

test("a parameter with the name of a prototype counts like any other", () => {
  const rawTarget = "/applications?__proto__=a&constructor=b";
  const signed = signedGet({ rawTarget });
  assert.ok(check(signed).ok);
  assert.ok(!check({ ...signed, rawTarget: rawTarget.replace("=a", "=c") }).ok);
  assert.ok(!check({ ...signed, rawTarget: "/applications?constructor=b" }).ok);
});

/** Ways to change what was signed; each says whether it has changed anything that counts. */
const tampering: readonly ((request: WireRequest, at: number) => WireRequest)[] = [
  (request) => ({ ...request, method: request.method === "GET" ? "PUT" : "GET" }),
  (request) => ({ ...request, rawTarget: request.rawTarget.replace(/(?=\?|$)/, "x") }),
  (request) => ({
    ...request,
    rawTarget: `${request.rawTarget}${request.rawTarget.includes("?") ? "&" : "?"}y=1`,
  }),
  (request, at) => ({
    ...request,
    headers: request.headers.map(([name, value], index) =>
      index === at % request.headers.length ? [name, `${value}z`] : [name, value],
    ),
  }),
  (request, at) => ({
    ...request,
    headers: request.headers.filter((_, index) => index !== at % request.headers.length),
  }),
  (request) => ({ ...request, headers: [...request.headers, ["x-amz-added", "1"]] }),
  (request) => ({ ...request, headers: [...request.headers, ["host", "h:1"]] }),
];

test("no change to what was signed goes unnoticed", () => {
  const change = fc.constantFrom(...tampering);
  fc.assert(
    fc.property(request, change, fc.nat(), ({ body, service, ...wire }, change, at) => {
      // The host comes under one name only, so that a second one is a change.
      const plain = { ...wire, headers: [["host", "h:1"], ...wire.headers.slice(1)] as HeaderList };
      const options = { ...scope, service, now, bodyHash: hashBody(body) };
      const signed = { ...plain, headers: sign(plain, caller, options).headers };
      const changed = change(signed, at);
      assert.ok(!check(changed, { bodyHash: hashBody(body) }).ok);
      assert.ok(!check(signed, { bodyHash: hashBody(`${body}.`) }).ok);
    }),
    { numRuns: 1000 },
  );
});

test("our signer and the SDK's sign every request alike", async () => {
  const plainHeaders = fc.dictionary(
    name,
    value.filter((text) => !text.includes("é")),
  );
  const requests = fc.record({ method, path, query: pairs, headers: plainHeaders, body, service });
  await fc.assert(
    fc.asyncProperty(requests, async (given) => {
      const { method, path, body, service } = given;
      const query = group(given.query);
      const headers = { ...given.headers, host: "h:1" };
      const signer = new SignatureV4({
        ...scope,
        service,
        credentials: caller,
        sha256: sha256Of,
        uriEscapePath: service !== "s3",
        applyChecksum: false,
      });
      // The SDK never sends a path that S3's spelling would change.
      const safePath = service === "s3" ? encodeURI(decodeURI("/a b/é")) : path;
      const shape = { protocol: "http:", hostname: "h", method, path: safePath, query, headers };
      const theirs = await signer.sign({ ...shape, body }, { signingDate: now });
      const text = Object.entries(query)
        .flatMap(([name, values]) => values.map((value) => `${escape(name)}=${escape(value)}`))
        .join("&");
      const ours = sign(
        { method, rawTarget: `${safePath}?${text}`, headers: Object.entries(headers) },
        caller,
        { ...scope, service, now, bodyHash: hashBody(body) },
      );
      assert.equal(theirs.headers["authorization"], new Map(ours.headers).get("authorization"));
    }),
    { numRuns: 300 },
  );
});

/** The SDK's form of a query: a list of values per name. */
function group(list: readonly (readonly [string, string])[]): Record<string, string[]> {
  const query: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of list) {
    const key = name.toWellFormed();
    // The SDK's signer leaves a parameter of the first name out, and loses one of the second: it
    // collects them in a plain object, where that name sets the prototype.
    if (key.toLowerCase() === "x-amz-signature" || key === "__proto__") continue;
    query[key] = [...(query[key] ?? []), value.toWellFormed()];
  }
  return query;
}
