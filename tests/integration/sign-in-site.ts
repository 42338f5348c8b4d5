// An application whose users sign in at a real issuer, the role that they get, and what each of
// them does with it.
import assert from "node:assert/strict";
import {
  CreateApplicationCommand,
  CreateIndexCommand,
  CreateRetrieverCommand,
  type QBusinessClient,
} from "@aws-sdk/client-qbusiness";
import {
  type AssumeRoleWithWebIdentityCommandInput,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { iam, type Keys, qbusinessHttp1, refusal, type RefusedCall } from "../support/clients.ts";
import { accountId, makeRole, region, type Site } from "../support/site.ts";
import type { TestServer } from "../support/test-server.ts";
import { clientIds, type Issuer, personClaims } from "./sign-in-issuer.ts";

/** What the issuer is called in ARNs and in condition keys. */
export const providerName = "id.example.com/people";
export const providerArn = `arn:aws:iam::${accountId}:oidc-provider/${providerName}`;

export type SignInSite = Site & {
  readonly server: TestServer;
  readonly issuer: Issuer;
  readonly roleArn: string;
};

/** Actions that a web experience's users need ("IAM role for a web experience", user guide). */
const conversationActions = [
  "Chat",
  "ChatSync",
  "ListConversations",
  "ListMessages",
  "DeleteConversation",
  "PutFeedback",
  "SearchRelevantContent",
].map((name) => `qbusiness:${name}`);

/** The published trust policy for users of an OIDC provider. */
export function trustOf(statement: object = {}): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        Condition: {
          StringEquals: { [`${providerName}:aud`]: Object.values(clientIds) },
          StringLike: { "aws:RequestTag/Email": "*" },
        },
        ...statement,
      },
    ],
  };
}

/** Makes an application of the issuer's people, with an index, a retriever and their role. */
export async function makeSignInSite(
  server: TestServer,
  issuer: Issuer,
  options: { readonly trust?: object; readonly clientIds?: readonly string[] } = {},
): Promise<SignInSite> {
  const client = qbusinessHttp1(server);
  const { applicationId = "", applicationArn = "" } = await client.send(
    new CreateApplicationCommand({
      displayName: "site",
      identityType: "AWS_IAM_IDP_OIDC",
      iamIdentityProviderArn: providerArn,
      clientIdsForOIDC: [...(options.clientIds ?? Object.values(clientIds))],
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
  const roleArn = await makeRole(iam(server), `QBusiness-Web-${applicationId}`, {
    trust: options.trust ?? trustOf(),
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: conversationActions, Resource: "*" }],
    },
  });
  const ids = { applicationId, applicationArn, indexId, indexArn, retrieverId };
  return { ...ids, client, iam: iam(server), server, issuer, roleArn };
}

/** Calls STS as a browser does: without any keys. */
export function assumeWith(
  { server, roleArn }: Pick<SignInSite, "server" | "roleArn">,
  WebIdentityToken: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) {
  const sts = new STSClient({ endpoint: server.url, region, maxAttempts: 1 });
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: "person",
      WebIdentityToken,
      ...more,
    }),
  );
}

/** The keys of a session that a token was good for. */
export async function keysFor(
  site: Pick<SignInSite, "server" | "roleArn">,
  token: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
): Promise<Keys> {
  const { Credentials } = await assumeWith(site, token, more);
  return {
    accessKeyId: Credentials?.AccessKeyId ?? assert.fail("no keys"),
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}

/** Claims that the issuer would put into a token for a person now. */
export function claimsFor(
  { issuer }: Pick<SignInSite, "issuer">,
  email: string,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const iat = Math.floor(Date.now() / 1000);
  const aud = clientIds.rs256;
  return { iss: issuer.url, aud, iat, exp: iat + 3600, ...personClaims(email), ...more };
}

/** The site as one person sees it, signed in with a token of the issuer's own key. */
export async function as(
  site: SignInSite,
  email: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<SignInSite> {
  const keys = await keysFor(site, site.issuer.write(claimsFor(site, email, more)));
  return withKeys(site, keys);
}

/** The site as somebody with these keys sees it. */
export function withKeys(site: SignInSite, keys: Keys): SignInSite {
  const client: QBusinessClient = qbusinessHttp1(site.server, keys);
  return { ...site, client };
}

/** What each of several calls, made at once, was refused with. */
export function refusals(calls: readonly Promise<unknown>[]): Promise<readonly RefusedCall[]> {
  return Promise.all(calls.map(refusal));
}
