// The demo of `npm start` on a server of its own: what a visitor meets, from the bucket to the page.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "../../src/cli/client/client.ts";
import { sampleBucket } from "../../src/cli/demo/content.ts";
import { ensureRole } from "../../src/cli/demo/identity.ts";
import { ensureDemo } from "../../src/cli/demo/demo.ts";
import { followSync, startSync } from "../../src/cli/sync/follow-sync.ts";
import { anonymousWebPolicy, anonymousWebTrustPolicy } from "../../src/cli/policy/policies.ts";
import { silentView } from "../../src/cli/progress.ts";
import type { InputOf } from "../../src/contract/contract.ts";
import { testServer } from "../support/test-server.ts";

export type SiteIds = { readonly applicationId: string; readonly webExperienceId: string };

export type RealSite = {
  readonly origin: string;
  readonly client: Client;
  /** The demo's site, which may be visited from this machine without a link. */
  readonly pageUrl: string;
  /** A further site of the demo's application, with a role of its own and no preview. */
  readonly makeSite: (
    options?: Partial<InputOf<"CreateWebExperience">>,
  ) => Promise<SiteIds & { readonly roleName: string }>;
  /** A link that opens a site once. */
  readonly mintLink: (ids: SiteIds) => Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

const region = "us-east-1";
const accountId = "111122223333";

/** Starts the server, makes the demo through the API, and waits for its documents. */
export async function openRealSite(): Promise<RealSite> {
  const folder = fileURLToPath(new URL(`../../${sampleBucket}`, import.meta.url));
  const server = await testServer({ accountId, region, buckets: { [sampleBucket]: folder } });
  const client = createClient({
    endpoint: server.url,
    region,
    credentials: () => server.rootKey,
    now: () => new Date(),
  });
  const demo = await ensureDemo(client, {
    bucket: sampleBucket,
    keyFile: join(server.dataDir, "demo.json"),
    report: () => undefined,
  });
  const { source } = demo;
  const { executionId } = await startSync(client, source);
  await followSync(client, { ...source, executionId }, { view: silentView, label: "" });
  const { applicationId } = source;
  const place = { region, accountId, applicationId };
  let made = 0;
  return {
    origin: server.url,
    client,
    pageUrl: demo.pageUrl,
    makeSite: async (options = {}) => {
      made += 1;
      const roleName = `web-${made}`;
      const roleArn = await ensureRole(client, {
        name: roleName,
        trust: anonymousWebTrustPolicy(place),
        policyName: "web",
        policy: anonymousWebPolicy(place),
      });
      const { webExperienceId = "" } = await client.call("CreateWebExperience", {
        applicationId,
        title: "Ask Pellwick",
        roleArn,
        ...options,
      });
      return { applicationId, webExperienceId, roleName };
    },
    mintLink: async (ids) => {
      const { anonymousUrl = "" } = await client.call("CreateAnonymousWebExperienceUrl", {
        applicationId: ids.applicationId,
        webExperienceId: ids.webExperienceId,
      });
      return anonymousUrl;
    },
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}
