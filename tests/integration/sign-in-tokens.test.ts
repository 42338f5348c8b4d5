import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
} from "@aws-sdk/client-iam";
import { CreateApplicationCommand } from "@aws-sdk/client-qbusiness";
import { iam, qbusinessHttp1 } from "../support/clients.ts";
import { accountId, ask, makeRole } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { type Claims, clientIds, type Issuer, openIssuer } from "./sign-in-issuer.ts";
import {
  assumeWith,
  claimsFor,
  keysFor,
  makeSignInSite,
  providerArn,
  providerName,
  type SignInSite,
  trustOf,
  withKeys,
} from "./sign-in-site.ts";

const ada = "ada@acme.com";
const malformed = "InvalidIdentityToken 400 The ID Token provided is not a valid JWT.";
const wrongKey =
  "InvalidIdentityToken 400 The signature of the ID Token is of none of its issuer's keys.";
const noTime =
  "InvalidIdentityToken 400 The ID Token provided does not say when it was issued and when it expires.";
const notYet = "InvalidIdentityToken 400 The ID Token provided is not valid yet.";
const badTags =
  "InvalidIdentityToken 400 The tags or the source identity of the ID Token are not valid.";
const wrongAudience = "InvalidIdentityToken 400 Incorrect token audience";
const notAuthorized = "AccessDenied 403 Not authorized to perform sts:AssumeRoleWithWebIdentity";

function seconds(ahead: number): number {
  return Math.floor(Date.now() / 1000) + ahead;
}

function allowedWhere(Condition: object): object {
  const Statement = [{ Effect: "Allow", Action: "qbusiness:*", Resource: "*", Condition }];
  return { Version: "2012-10-17", Statement };
}

type Refusal = Error & {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/** What a call was refused with, in one line; `taken` where it was not. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "taken",
    (error: Refusal) =>
      // Clients add "Exception" to some names; the code is as it came over the wire.
      `${error.Code} ${error.$metadata?.httpStatusCode} ${error.message}`,
  );
}

describe("tokens of an OpenID Connect issuer", () => {
  let issuer: Issuer;
  let stranger: Issuer;
  let server: TestServer;
  let site: SignInSite;
  before(async () => {
    issuer = await openIssuer();
    stranger = await openIssuer();
    server = await testServer({ oidcIssuers: { [providerName]: issuer.url } });
    site = await makeSignInSite(server, issuer);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
    await stranger[Symbol.asyncDispose]();
  });
  const claims = (more: Claims = {}): Claims => claimsFor({ issuer }, ada, more);
  const tried = (token: string): Promise<string> => outcome(assumeWith(site, token));

  test("are taken with everything that they say, and the answer repeats who it is", async () => {
    const answer = await assumeWith(site, issuer.write(claims()), { DurationSeconds: 900 });
    const { AssumedRoleUser, Audience, Provider, SubjectFromWebIdentityToken } = answer;
    assert.match(AssumedRoleUser?.Arn ?? "", /:assumed-role\/QBusiness-Web-[0-9a-f-]+\/person$/);
    assert.deepEqual(
      [Audience, Provider, SubjectFromWebIdentityToken],
      [clientIds.rs256, issuer.url, ada],
    );
    const lifeMs = (answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now();
    assert.ok(lifeMs > 880_000 && lifeMs <= 900_000, String(lifeMs));
    assert.equal(answer.PackedPolicySize !== undefined && answer.PackedPolicySize < 20, true);
  });

  test("count only when every claim does", async () => {
    const tags = (principal_tags: unknown): Claims => ({
      "https://aws.amazon.com/tags": { principal_tags },
    });
    const rows: readonly (readonly [Claims, string])[] = [
      [{}, "taken"],
      [
        { iss: stranger.url },
        `InvalidIdentityToken 400 No OpenIDConnect provider found in your account for ${stranger.url}`,
      ],
      [
        { iss: `${issuer.url}/` },
        `InvalidIdentityToken 400 No OpenIDConnect provider found in your account for ${issuer.url}/`,
      ],
      [{ iss: undefined }, "InvalidIdentityToken 400 The ID Token provided names no issuer."],
      [{ iss: [issuer.url] }, "InvalidIdentityToken 400 The ID Token provided names no issuer."],
      [{ aud: "somebody-else" }, wrongAudience],
      [{ aud: undefined }, wrongAudience],
      [{ aud: [] }, wrongAudience],
      [{ aud: [clientIds.rs256] }, "taken"],
      [{ aud: [clientIds.rs256, "another"] }, wrongAudience],
      [{ aud: [clientIds.rs256, "another"], azp: clientIds.rs256 }, "taken"],
      [{ aud: [clientIds.rs256, "another"], azp: "another" }, wrongAudience],
      [{ aud: "another", azp: clientIds.rs256 }, wrongAudience],
      [{ exp: undefined }, noTime],
      [{ exp: "tomorrow" }, noTime],
      [{ exp: 1e300 }, noTime],
      [{ iat: undefined }, noTime],
      [{ iat: seconds(30) }, "taken"],
      [{ iat: seconds(600) }, notYet],
      [{ nbf: seconds(600) }, notYet],
      [{ nbf: "now" }, notYet],
      [{ nbf: seconds(-600) }, "taken"],
      [{ sub: undefined }, "InvalidIdentityToken 400 The ID Token provided names no subject."],
      [{ sub: "" }, "InvalidIdentityToken 400 The ID Token provided names no subject."],
      [
        { sub: "s".repeat(256) },
        "InvalidIdentityToken 400 The ID Token provided names no subject.",
      ],
      [{ jti: 7 }, "InvalidIdentityToken 400 The jti of the ID Token is no text."],
      [tags({ Email: ada }), badTags],
      [tags({ Email: [ada, "bob@acme.com"] }), badTags],
      [tags({ Email: [7] }), badTags],
      [tags([ada]), badTags],
      [tags({ Email: ["a,b"] }), badTags],
      [tags({ Email: ["x".repeat(257)] }), badTags],
      [{ "https://aws.amazon.com/tags": "Email" }, badTags],
      [{ "https://aws.amazon.com/source_identity": 7 }, badTags],
      // The trust policy asks for the tag, and does not let sources of identity be set.
      [tags({ Team: ["blue"] }), notAuthorized],
      [{ "https://aws.amazon.com/source_identity": "ada" }, notAuthorized],
    ];
    for (const [more, expected] of rows) {
      assert.equal(await tried(issuer.write(claims(more))), expected, JSON.stringify(more));
    }
    const expired = await tried(issuer.write(claims({ iat: seconds(-600), exp: seconds(-1) })));
    assert.match(
      expired,
      /^ExpiredTokenException 400 Token expired: current date\/time \d+ must be before/,
    );
  });

  test("count only when the issuer's own key signed them, the way it says", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const good = issuer.write(claims());
    const [head = "", body = "", tail = ""] = good.split(".");
    const text = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const others = text(claimsFor({ issuer }, "bob@acme.com"));
    // The public key as a shared secret, the classic confusion.
    const hmac = `${text({ alg: "HS256", kid: "rsa" })}.${body}`;
    const mac = createHmac("sha256", "public key").update(hmac).digest("base64url");
    const rows: readonly (readonly [string, string])[] = [
      [good, "taken"],
      [issuer.forge(claims(), { key: rsa }), wrongKey],
      [issuer.forge(claims(), { key: rsa, header: { alg: "RS256" } }), wrongKey],
      [issuer.forge(claims(), { key: rsa, header: { alg: "RS256", kid: "unknown" } }), wrongKey],
      [issuer.forge(claims(), { key: curve, header: { alg: "ES256", kid: "curve" } }), wrongKey],
      [issuer.forge(claims(), { header: { alg: "RS256" } }), "taken"],
      [issuer.forge(claims(), { header: { alg: "ES256", kid: "rsa" } }), wrongKey],
      [issuer.forge(claims(), { header: { alg: "RS256", kid: "rsa", crit: ["b64"] } }), malformed],
      [stranger.write(claims()), wrongKey],
      [`${head}.${others}.${tail}`, wrongKey],
      [`${text({ alg: "none" })}.${body}.`, malformed],
      [`${text({ alg: "none" })}.${body}.${tail}`, malformed],
      [`${text({ alg: "None", kid: "rsa" })}.${body}.${tail}`, malformed],
      [`${hmac}.${mac}`, malformed],
      [`${head}.${body}`, malformed],
      [`${head}.${body}.`, malformed],
      [`${head}.${body}.${tail}.${tail}`, malformed],
      [`${head}.${body}.${tail}=`, malformed],
      [`${head}.${text([claims()])}.${tail}`, malformed],
      ["not a token", malformed],
    ];
    for (const [token, expected] of rows) assert.equal(await tried(token), expected, token);
  });

  test("with an id of their own count once, also at the same time", async () => {
    const once = issuer.write(claims({ jti: "one" }));
    const outcomes = await Promise.all([tried(once), tried(once), tried(once)]);
    const replayed = "IDPRejectedClaim 403 The ID Token provided has been used before.";
    assert.deepEqual(outcomes.toSorted(), [replayed, replayed, "taken"]);
    assert.equal(await tried(once), replayed);
    assert.equal(await tried(issuer.write(claims({ jti: "two" }))), "taken");
  });

  test("that were refused for another reason are not used up", async () => {
    const token = issuer.write(claims({ jti: "kept" }));
    const missing = { ...site, roleArn: `arn:aws:iam::${accountId}:role/Missing` };
    assert.equal(await outcome(assumeWith(missing, token)), notAuthorized);
    const long = await outcome(assumeWith(site, token, { DurationSeconds: 43_200 }));
    assert.match(long, /^ValidationError 400 The requested DurationSeconds exceeds/);
    assert.equal(
      await outcome(assumeWith(site, token, { Policy: "{" })).then((o) => o.slice(0, 23)),
      "MalformedPolicyDocument",
    );
    assert.equal(await tried(token), "taken");
  });

  test("open only roles whose trust policy names the provider, the client and the person", async () => {
    const conditions: readonly (readonly [object, string])[] = [
      [{}, "taken"],
      [{ StringEquals: { [`${providerName}:sub`]: ada } }, "taken"],
      [{ StringEquals: { [`${providerName}:sub`]: "bob@acme.com" } }, notAuthorized],
      [{ StringEquals: { [`${providerName}:aud`]: clientIds.es256 } }, notAuthorized],
      [{ StringEquals: { "aws:RequestTag/Email": "ADA@ACME.COM" } }, "taken"],
      [{ StringEquals: { "aws:FederatedProvider": providerArn } }, "taken"],
    ];
    for (const [at, [Condition, expected]] of conditions.entries()) {
      const roleArn = await makeRole(site.iam, `Condition-${at}`, {
        trust: trustOf({ Condition }),
      });
      const call = assumeWith({ server, roleArn }, issuer.write(claims()));
      assert.equal(await outcome(call), expected, JSON.stringify(Condition));
    }
    const statements: readonly object[] = [
      { Principal: { Federated: `${providerArn}x` } },
      { Principal: { AWS: accountId }, Action: "sts:AssumeRole" },
      { Action: "sts:AssumeRoleWithWebIdentity" },
      { Action: "sts:TagSession" },
      { Effect: "Deny" },
    ];
    for (const [at, statement] of statements.entries()) {
      const roleArn = await makeRole(site.iam, `Statement-${at}`, {
        trust: trustOf({ Condition: {}, ...statement }),
      });
      const call = assumeWith({ server, roleArn }, issuer.write(claims()));
      assert.equal(await outcome(call), notAuthorized, JSON.stringify(statement));
    }
  });

  test("leave their provider in the session, for policies to ask for", async () => {
    const asked = async (provider: string): Promise<string> => {
      const roleArn = await makeRole(site.iam, `Asks-${provider.length}`, {
        trust: trustOf(),
        policy: allowedWhere({ StringEquals: { "aws:FederatedProvider": provider } }),
      });
      const keys = await keysFor({ server, roleArn }, issuer.write(claims()));
      return outcome(ask(withKeys(site, keys), "Anything?"));
    };
    assert.equal(await asked(providerArn), "taken");
    assert.match(await asked(`${providerArn}x`), /no identity-based policy allows/);
  });

  test("ask their issuer for its keys once, whatever keys strangers name", async () => {
    const count = (): number => issuer.asked.filter((path) => path.startsWith("/jwks")).length;
    await tried(issuer.write(claims()));
    const before = count();
    for (let at = 0; at < 5; at += 1) {
      await tried(issuer.forge(claims(), { header: { alg: "RS256", kid: `k${at}` } }));
    }
    assert.deepEqual([before, count()], [1, 1]);
  });

  test("of an issuer that nobody named to this server's operator are not fetched from this machine", async () => {
    const client = qbusinessHttp1(server);
    const named = ["127.0.0.1", "169.254.169.254", "localhost", "metadata.invalid"];
    for (const name of named) {
      await client.send(
        new CreateApplicationCommand({
          displayName: "probe",
          identityType: "AWS_IAM_IDP_OIDC",
          iamIdentityProviderArn: `arn:aws:iam::${accountId}:oidc-provider/${name}`,
          clientIdsForOIDC: [clientIds.rs256],
        }),
      );
      const answer = await tried(issuer.write(claims({ iss: `https://${name}` })));
      assert.match(answer, /^IDPCommunicationError 400 The keys of https:\/\/.* could not be read/);
      assert.match(
        answer,
        name.endsWith("invalid") ? /could not be reached/ : /does not fetch from/,
      );
    }
  });

  test("are the only thing that needs no signature", async () => {
    const post = (body: string): Promise<Response> =>
      fetch(server.url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body,
      });
    for (const body of [
      "Action=GetCallerIdentity&Version=2011-06-15",
      "Action=AssumeRole&Version=2011-06-15",
      "Action=ListUsers&Version=2010-05-08",
      "Action=AssumeRoleWithSAML&Version=2011-06-15",
      "Action=GetCallerIdentity&Action=AssumeRoleWithWebIdentity&Version=2011-06-15",
      `Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken=${"x".repeat(70_000)}`,
      "",
    ]) {
      const answer = await post(body);
      assert.equal(answer.status, 403, body.slice(0, 80));
      assert.match(await answer.text(), /MissingAuthenticationToken/);
    }
    const twice = await post(
      "Action=AssumeRoleWithWebIdentity&Action=ListUsers&Version=2011-06-15",
    );
    assert.notEqual(twice.status, 200);
    const missing = await post("Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    assert.equal(missing.status, 400);
    assert.match(await missing.text(), /ValidationError.*webIdentityToken/s);
  });

  test("count for a provider that IAM has, without any application, as long as it is there", async () => {
    await using alone = await testServer({ oidcIssuers: { [providerName]: issuer.url } });
    const admin = iam(alone);
    const roleArn = await makeRole(admin, "people", { trust: trustOf() });
    const sent = () => outcome(assumeWith({ server: alone, roleArn }, issuer.write(claims())));
    const unknown = `InvalidIdentityToken 400 No OpenIDConnect provider found in your account for ${issuer.url}`;
    assert.equal(await sent(), unknown);
    const OpenIDConnectProviderArn = providerArn;
    await admin.send(new CreateOpenIDConnectProviderCommand({ Url: `https://${providerName}` }));
    assert.equal(await sent(), wrongAudience);
    const ClientID = clientIds.rs256;
    const client = { OpenIDConnectProviderArn, ClientID };
    await admin.send(new AddClientIDToOpenIDConnectProviderCommand(client));
    assert.equal(await sent(), "taken");
    await admin.send(new RemoveClientIDFromOpenIDConnectProviderCommand(client));
    assert.equal(await sent(), wrongAudience);
    await admin.send(new AddClientIDToOpenIDConnectProviderCommand(client));
    assert.equal(await sent(), "taken");
    await admin.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    assert.equal(await sent(), unknown);
  });

  test("count no more once the provider is deleted, though an application goes on naming it", async () => {
    await using alone = await testServer({ oidcIssuers: { [providerName]: issuer.url } });
    const named = await makeSignInSite(alone, issuer);
    const sent = () => outcome(assumeWith(named, issuer.write(claims())));
    const unknown = `InvalidIdentityToken 400 No OpenIDConnect provider found in your account for ${issuer.url}`;
    assert.equal(await sent(), "taken", "an application alone registers it");
    const Url = `https://${providerName}`;
    await named.iam.send(new CreateOpenIDConnectProviderCommand({ Url }));
    assert.equal(await sent(), "taken");
    const OpenIDConnectProviderArn = providerArn;
    const remove = new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn });
    await named.iam.send(remove);
    assert.equal(await sent(), unknown);
    await named.iam.send(remove);
    assert.equal(await sent(), unknown, "also when it is deleted twice");
    await makeSignInSite(alone, issuer);
    assert.equal(await sent(), unknown, "a new application does not bring it back");
    await named.iam.send(new CreateOpenIDConnectProviderCommand({ Url }));
    assert.equal(await sent(), "taken");
    await named.iam.send(remove);
    assert.equal(await sent(), unknown);
  });
});
