import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { hashBody } from "./body-hash.ts";
import { tokenMatcher } from "./checks.ts";
import { parseAuthentication } from "./parse.ts";
import type { HeaderList, WireRequest } from "./request.ts";
import { presign, sign } from "./sign.ts";
import { createVerifier, type Verdict } from "./verify.ts";

// The public signing suite: each case signed once in the header and once in the query.
const file = new URL("../../../shared/data/iam/sigv4-suite.json", import.meta.url);
const skip = existsSync(file) ? false : "the public signing suite is not beside the checkout";

type Form = {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
  readonly signedRequest: string;
};
type Case = {
  readonly name: string;
  readonly context: {
    readonly credentials: {
      readonly access_key_id: string;
      readonly secret_access_key: string;
      readonly token?: string;
    };
    readonly expiration_in_seconds: number;
    readonly normalize: boolean;
    readonly omit_session_token?: boolean;
    readonly region: string;
    readonly service: string;
    readonly sign_body: boolean;
    readonly timestamp: string;
  };
  readonly request: string;
  readonly header: Form;
  readonly query: Form;
};
type Message = WireRequest & { readonly body: string };

const cases: readonly Case[] = skip === false ? JSON.parse(readFileSync(file, "utf8")).cases : [];
const verifier = createVerifier({
  acceptedServices: ["service"],
  acceptedRegions: ["us-east-1"],
});
const forms = ["header", "query"] as const;

test("the whole public suite has been seen", { skip }, () => {
  assert.equal(cases.length, 38);
});

test("every request of the suite is signed as the suite signs it", { skip }, () => {
  let seen = 0;
  for (const one of cases) {
    for (const form of forms) {
      const { canonicalRequest, stringToSign, signature, signed } = signAs(one, form);
      const wanted = one[form];
      assert.equal(canonicalRequest, wanted.canonicalRequest, `${one.name} ${form}`);
      assert.equal(stringToSign, wanted.stringToSign, `${one.name} ${form}`);
      assert.equal(signature, wanted.signature, `${one.name} ${form}`);
      const { body: _, ...message } = readMessage(wanted.signedRequest);
      assert.deepEqual(sorted(signed), sorted(message), `${one.name} ${form}`);
      seen += 1;
    }
  }
  assert.equal(seen, 76);
});

test("every signed request of the suite is verified", { skip }, () => {
  let seen = 0;
  for (const one of cases) {
    for (const form of forms) {
      const verdict = verifyAs(one, readMessage(one[form].signedRequest));
      assert.ok(verdict.ok, `${one.name} ${form}: ${verdict.ok || verdict.refusal.message}`);
      assert.equal(verdict.seed.signature, one[form].signature);
      seen += 1;
    }
  }
  assert.equal(seen, 76);
});

test("no signed request of the suite survives the change of a byte", { skip }, () => {
  let changed = 0;
  for (const one of cases) {
    for (const form of forms) {
      const text = one[form].signedRequest;
      const { normalize } = one.context;
      const original = meaning(text, normalize);
      for (let index = 0; index < text.length; index += 1) {
        const flipped = String.fromCharCode(text.charCodeAt(index) ^ 1);
        const other = text.slice(0, index) + flipped + text.slice(index + 1);
        // Ends of lines and the version are HTTP's, not the signature's.
        if (text[index] === "\n" || !other.includes(" HTTP/1.1\n")) continue;
        if (meaning(other, normalize) === original) continue;
        const verdict = verifyAs(one, readMessage(other));
        assert.ok(!verdict.ok, `${one.name} ${form} accepts ${JSON.stringify(other)}`);
        changed += 1;
      }
    }
  }
  assert.ok(changed > 24_000, `only ${changed} changes were tried`);
});

/** What must not change: all but the protocol version and the kind of blanks around values. */
function meaning(text: string, normalize: boolean): string {
  const { method, rawTarget, headers, body } = readMessage(text);
  const [path = "", query = ""] = rawTarget.split("?");
  const segments = path.split("/").reduce<readonly string[]>((kept, segment) => {
    if (segment === "..") return kept.slice(0, -1);
    return segment === "" || segment === "." ? kept : [...kept, segment];
  }, []);
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  const same = normalize ? `${path.slice(0, 1)}${segments.join("/")}${end}` : path;
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replaceAll(/\s+/g, " ")}`);
  return [method, same, query, ...lines, body].join("\n");
}

function signAs(one: Case, form: "header" | "query") {
  const { credentials, service, region, timestamp, normalize } = one.context;
  const { token } = credentials;
  const identity = {
    accessKeyId: credentials.access_key_id,
    secretAccessKey: credentials.secret_access_key,
  };
  const isTokenSigned = token !== undefined && one.context.omit_session_token !== true;
  const { body, ...wire } = readMessage(one.request);
  const bodyHash = hashBody(body);
  const pathStyle = normalize ? ("general" as const) : ("s3" as const);
  const now = new Date(timestamp);
  const options = { service, region, now, bodyHash, pathStyle };
  const signer = isTokenSigned ? { ...identity, sessionToken: token } : identity;
  const isTokenLate = token !== undefined && !isTokenSigned;
  if (form === "query") {
    const expiresSeconds = one.context.expiration_in_seconds;
    const steps = presign(wire, signer, { ...options, expiresSeconds });
    const late = `&X-Amz-Security-Token=${encodeURIComponent(token ?? "")}&X-Amz-Signature=`;
    const rawTarget = isTokenLate
      ? steps.rawTarget.replace("&X-Amz-Signature=", late)
      : steps.rawTarget;
    return { ...steps, signed: { ...wire, rawTarget } };
  }
  const hashHeader: HeaderList = one.context.sign_body ? [["x-amz-content-sha256", bodyHash]] : [];
  const request = { ...wire, headers: [...wire.headers, ...hashHeader] };
  const steps = sign(request, signer, options);
  const late: HeaderList = isTokenLate ? [["x-amz-security-token", token]] : [];
  return { ...steps, signed: { ...wire, headers: [...steps.headers, ...late] } };
}

function verifyAs(one: Case, message: Message): Verdict {
  const parsed = parseAuthentication(message);
  if (!parsed.ok) return parsed;
  const { credentials, service, region, timestamp, normalize } = one.context;
  const { token } = credentials;
  const isKnown = parsed.authentication.accessKeyId === credentials.access_key_id;
  const now = new Date(timestamp);
  const expiresAt = new Date(now.getTime() + 1000);
  const session =
    token === undefined ? {} : { session: { isToken: tokenMatcher(token), expiresAt } };
  const owner = { secretAccessKey: credentials.secret_access_key, ...session };
  assert.deepEqual([service, region], ["service", "us-east-1"]);
  return verifier.verify(parsed.authentication, {
    owner: isKnown ? owner : undefined,
    now,
    bodyHash: () => hashBody(message.body),
    pathStyle: normalize ? "general" : "s3",
  });
}

/** Header order is free but for repeated names, which keep theirs. */
function sorted({ headers, ...rest }: WireRequest): WireRequest {
  return { ...rest, headers: [...headers].sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1)) };
}

/** Reads the suite's request text; its paths and queries are Unicode, wires carry bytes. */
function readMessage(text: string): Message {
  const bodyStart = text.indexOf("\n\n");
  const head = bodyStart < 0 ? text : text.slice(0, bodyStart);
  const [requestLine = "", ...lines] = head.split(/\n(?! )/);
  const [method = "", ...words] = requestLine.split(" ");
  const target = Buffer.from(words.slice(0, -1).join(" "), "utf8").toString("latin1");
  const headers = lines
    .filter((line) => line !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1)] as const;
    });
  return {
    method,
    rawTarget: target,
    headers,
    body: bodyStart < 0 ? "" : text.slice(bodyStart + 2),
  };
}
