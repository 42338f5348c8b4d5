// An outside client of an application of identityType AWS_IAM_IDC, with nothing but what the SDKs
// have: an ID token of a trusted issuer, exchanged at the directory's token endpoint for an identity
// context, and with that a session that is the person's.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { CreateOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import {
  CreateApplicationCommand,
  CreateIndexCommand,
  CreateRetrieverCommand,
  GetApplicationCommand,
} from "@aws-sdk/client-qbusiness";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { iam, type Keys, qbusinessHttp1, sts } from "../support/clients.ts";
import { accountId, makeRole, makeUser, region, search, type Site } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { putDocuments } from "./principals-site.ts";
import { type Claims, clientIds, type Issuer, openIssuer } from "./sign-in-issuer.ts";
import { providerName } from "./sign-in-site.ts";

const ProviderArn = "arn:aws:iam::aws:contextProvider/IdentityCenter";
const identityCenterInstanceArn = "arn:aws:sso:::instance/ssoins-1234567890abcdef";
const grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ada = "ada@acme.com";

type TokenInput = { clientId: string; grantType: string; assertion?: string };
type TokenOutput = { readonly idToken?: string; readonly expiresIn?: number; tokenType?: string };
type Refused = { readonly code: string; readonly statusCode: number; readonly message: string };
type Center = {
  createTokenWithIAM: (input: TokenInput) => { readonly promise: () => Promise<TokenOutput> };
};

function allow(Action: string | readonly string[], Resource: string | readonly string[]): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] };
}

describe("the exchange of a trusted issuer's token for an identity-aware session", () => {
  let issuer: Issuer;
  let server: TestServer;
  let site: Site;
  let clientId: string;
  let roleArn: string;
  let webTier: Keys;

  before(async () => {
    issuer = await openIssuer();
    server = await testServer({ oidcIssuers: { [providerName]: issuer.url } });
    const client = qbusinessHttp1(server);
    const admin = iam(server);
    const { applicationId = "", applicationArn = "" } = await client.send(
      new CreateApplicationCommand({
        displayName: "site",
        identityType: "AWS_IAM_IDC",
        identityCenterInstanceArn,
      }),
    );
    const { indexId = "", indexArn = "" } = await client.send(
      new CreateIndexCommand({ applicationId, displayName: "index" }),
    );
    const { retrieverId = "" } = await client.send(
      new CreateRetrieverCommand({
        applicationId,
        displayName: "retriever",
        type: "NATIVE_INDEX",
        configuration: { nativeIndexConfiguration: { indexId } },
      }),
    );
    site = { applicationId, applicationArn, indexId, indexArn, retrieverId, client, iam: admin };
    const got = await client.send(new GetApplicationCommand({ applicationId }));
    clientId = got.identityCenterApplicationArn ?? assert.fail("it has no ARN in the directory");
    webTier = await makeUser(
      admin,
      allow(["sso-oauth:CreateTokenWithIAM", "sts:AssumeRole", "sts:SetContext"], "*"),
    );
    const Principal = { AWS: accountId };
    const Action = ["sts:AssumeRole", "sts:SetContext"];
    roleArn = await makeRole(admin, "Web", {
      trust: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action }] },
      policy: allow("qbusiness:*", "*"),
    });
    const only = (id: string) => ({
      accessControls: [{ principals: [{ user: { id, access: "ALLOW" as const } }] }],
    });
    const staff = { group: { name: "staff", access: "ALLOW" as const } };
    await putDocuments(site, [
      { id: "open" },
      { id: "ada", access: only(ada) },
      { id: "bob", access: only("bob@acme.com") },
      { id: "staff", access: { accessControls: [{ principals: [staff] }] } },
    ]);
    await admin.send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${providerName}`,
        ClientIDList: [clientIds.rs256],
      }),
    );
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  function claims(more: Claims = {}): Claims {
    const iat = Math.floor(Date.now() / 1000);
    const person = { sub: "person-1", email: ada, email_verified: true };
    return { iss: issuer.url, aud: clientIds.rs256, iat, exp: iat + 600, ...person, ...more };
  }

  /** The SDK of version 2 has the operation; version 3 keeps it in a package of its own. */
  function center(keys: Keys = webTier): Center {
    const require = createRequire(import.meta.url);
    (require("aws-sdk/lib/maintenance_mode_message") as { suppress: boolean }).suppress = true;
    const { SSOOIDC } = require("aws-sdk") as { SSOOIDC: new (settings: object) => Center };
    return new SSOOIDC({ endpoint: server.url, region, ...keys, maxRetries: 0 });
  }

  async function exchange(more: Partial<TokenInput> = {}, keys?: Keys): Promise<TokenOutput> {
    const input = { clientId, grantType, assertion: issuer.write(claims()), ...more };
    return center(keys).createTokenWithIAM(input).promise();
  }

  async function outcome(more: Partial<TokenInput> = {}, keys?: Keys): Promise<string> {
    return exchange(more, keys).then(
      () => "taken",
      ({ code, statusCode, message }: Refused) => `${code} ${statusCode} ${message}`,
    );
  }

  /** The identity context in an ID token, as clients read it. */
  function contextIn({ idToken = "" }: TokenOutput): string {
    const [, payload = ""] = idToken.split(".");
    const read = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
    return String(read["sts:identity_context"]);
  }

  async function sessionOf(ContextAssertion: string): Promise<Site> {
    const { Credentials } = await sts(server, webTier).send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: "web",
        ProvidedContexts: [{ ProviderArn, ContextAssertion }],
      }),
    );
    const keys = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    return { ...site, client: qbusinessHttp1(server, keys) };
  }

  test("gives a session in which the person finds what is theirs, and nothing else", async () => {
    const answer = await exchange();
    assert.equal(answer.tokenType, "Bearer");
    assert.ok((answer.expiresIn ?? 0) > 580 && (answer.expiresIn ?? 0) <= 600);
    const context = contextIn(answer);
    assert.ok(context.length <= 2048);
    const own = await sessionOf(context);
    assert.deepEqual((await search(own, "harbour")).toSorted(), ["ada", "open"]);
    await assert.rejects(sessionOf(context), /has been used before/);
    const assertion = issuer.write(claims({ groups: ["staff"] }));
    const staff = await sessionOf(contextIn(await exchange({ assertion })));
    assert.deepEqual((await search(staff, "harbour")).toSorted(), ["ada", "open", "staff"]);
  });

  test("refuses tokens that vouch for nobody", async () => {
    const written = (more: Claims): Promise<string> =>
      outcome({ assertion: issuer.write(claims(more)) });
    const noEmail = /^InvalidGrantException 400 The token names no e-mail address/;
    assert.match(await written({ email: undefined }), noEmail);
    assert.match(await written({ email_verified: false }), noEmail);
    assert.match(await written({ email_verified: "true" }), noEmail);
    const iat = Math.floor(Date.now() / 1000);
    assert.match(await written({ iat: iat - 60, exp: iat - 1 }), /^ExpiredTokenException 400 /);
    assert.match(await written({ aud: "another" }), /^InvalidGrantException 400 Incorrect token/);
    assert.match(await written({ iss: "https://id.example.org" }), /No OpenIDConnect provider/);
    const many = Array.from({ length: 100 }, (_, at) => `a-group-with-a-long-name-${at}`);
    assert.match(await written({ groups: many }), /names too many groups/);
    const once = { assertion: issuer.write(claims({ jti: "only-once" })) };
    assert.equal(await outcome(once), "taken");
    assert.match(await outcome(once), /^InvalidGrantException 400 The token has been used before/);
  });

  test("takes no issuer that only an application names", async () => {
    await using other = await testServer({ oidcIssuers: { [providerName]: issuer.url } });
    const client = qbusinessHttp1(other);
    const iamIdentityProviderArn = `arn:aws:iam::${accountId}:oidc-provider/${providerName}`;
    await client.send(
      new CreateApplicationCommand({
        displayName: "federated",
        identityType: "AWS_IAM_IDP_OIDC",
        iamIdentityProviderArn,
        clientIdsForOIDC: [clientIds.rs256],
      }),
    );
    const { applicationId } = await client.send(
      new CreateApplicationCommand({
        displayName: "center",
        identityType: "AWS_IAM_IDC",
        identityCenterInstanceArn,
      }),
    );
    const got = await client.send(new GetApplicationCommand({ applicationId }));
    const require = createRequire(import.meta.url);
    const { SSOOIDC } = require("aws-sdk") as { SSOOIDC: new (settings: object) => Center };
    const made = new SSOOIDC({ endpoint: other.url, region, ...other.rootKey, maxRetries: 0 });
    const assertion = issuer.write(claims());
    const id = got.identityCenterApplicationArn ?? "";
    await assert.rejects(
      made.createTokenWithIAM({ clientId: id, grantType, assertion }).promise(),
      /No OpenIDConnect provider/,
    );
  });

  test("asks policies, for that application", async () => {
    const powerless = await makeUser(site.iam);
    const other = await makeUser(site.iam, allow("sso-oauth:*", `${clientId}x`));
    for (const keys of [powerless, other]) {
      assert.match(
        await outcome({}, keys),
        /^AccessDeniedException 400 User: .* is not authorized to perform: sso-oauth:CreateTokenWithIAM on resource: arn:aws:sso::/,
      );
    }
    const exact = await makeUser(site.iam, allow("sso-oauth:CreateTokenWithIAM", clientId));
    assert.equal(await outcome({}, exact), "taken");
  });

  test("refuses what is no request in OAuth's terms", async () => {
    assert.match(await outcome({ clientId: `${clientId}x` }), /^InvalidClientException 401 /);
    const code = await outcome({ grantType: "authorization_code" });
    assert.match(code, /^UnsupportedGrantTypeException 400 /);
    assert.match(await outcome({ assertion: "" }), /^InvalidRequestException 400 /);
    assert.match(await outcome({ assertion: "a.b.c" }), /^InvalidGrantException 400 /);
    const long = { assertion: "x".repeat(30_000) };
    assert.match(await outcome(long), /^InvalidRequestException 400 assertion must be given/);
  });

  test("works from the AWS CLI", async (t) => {
    const assertion = issuer.write(claims());
    const args = ["--grant-type", grantType, "--client-id", clientId, "--assertion", assertion];
    const command = ["--endpoint-url", server.url, "--output", "json", "sso-oidc"];
    const child = spawn("aws", [...command, "create-token-with-iam", ...args], {
      env: {
        PATH: process.env["PATH"],
        AWS_ACCESS_KEY_ID: webTier.accessKeyId,
        AWS_SECRET_ACCESS_KEY: webTier.secretAccessKey,
        AWS_DEFAULT_REGION: region,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_PAGER: "",
      },
    });
    const failed = new Promise<undefined>((resolve) => {
      child.once("error", () => resolve(undefined));
    });
    const run = Promise.all([text(child.stdout), text(child.stderr)]);
    const done = await Promise.race([run, failed]);
    if (done === undefined) return t.skip("the AWS CLI is not on PATH");
    const [out, err] = done;
    if (/Invalid choice/.test(err)) return t.skip("this AWS CLI does not have the operation");
    const answer = JSON.parse(out || assert.fail(err)) as {
      readonly awsAdditionalDetails?: { readonly identityContext?: string };
    } & TokenOutput;
    const context = answer.awsAdditionalDetails?.identityContext ?? contextIn(answer);
    assert.equal(context, contextIn(answer));
    assert.deepEqual((await search(await sessionOf(context), "harbour")).toSorted(), [
      "ada",
      "open",
    ]);
  });
});
