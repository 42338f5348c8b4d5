import type { Tag } from "../../contract/contract.ts";
import type { Credentials } from "../../sigv4/sigv4.ts";
import type { Client } from "../client/client.ts";
import { CliError } from "../context.ts";
import { dataSourceConfiguration, demoPage, departmentField, sampleQuestions } from "./content.ts";
import { ensureDemoKey, ensureDemoUser, ensureRole } from "./identity.ts";
import { demoTag, findDemoApplication, isMarked } from "./marks.ts";
import {
  type InDataSource,
  type InIndex,
  listDataSources,
  listIndices,
  listRetrievers,
  listWebExperiences,
} from "../listings.ts";
import {
  anonymousApiPolicy,
  anonymousWebPolicy,
  anonymousWebTrustPolicy,
  s3ConnectorPolicy,
  s3ConnectorTrustPolicy,
} from "../policy/policies.ts";

/** What the demo made, or found from an earlier time. */
export type Demo = {
  readonly source: InDataSource;
  /** The web experience's address. */
  readonly pageUrl: string;
  readonly region: string;
  /** Of an IAM user who may ask and nothing else. */
  readonly key: Credentials;
  /** Whether this run made anything. */
  readonly isNew: boolean;
};

/** Where and from what the demo is made. */
export type DemoOptions = {
  readonly bucket: string;
  /** Keeps the demo user's key, which the server shows once only. */
  readonly keyFile: string;
  /** Told of each step before it is taken. */
  readonly report: (step: string) => void;
};

/** Set once everything is made: from then on the demo belongs to its user, who may change it. */
const completeTag: Tag = { key: "quarry:demo-complete", value: "true" };

/**
 * Makes the demo through the API, step by step; what an earlier run left half done is completed,
 * found by tag and not by name. A finished demo is only looked up: nothing that its user changed is
 * changed back.
 */
export async function ensureDemo(client: Client, options: DemoOptions): Promise<Demo> {
  const { report } = options;
  const application = await ensureApplication(client, report);
  const { applicationArn: arn } = application;
  const applicationId = idOf(application.applicationId, "application");
  const { tags = [] } = await client.call("ListTagsForResource", { resourceARN: arn });
  const isComplete = tags.some(({ key }) => key === completeTag.key);
  const [, , , region = "", accountId = ""] = arn.split(":");
  const place = { region, accountId, applicationId };
  if (!isComplete) await makeRest(client, { ...options, place, arn });
  const found = await findRest(client, applicationId, arn);
  if (!isComplete) await client.call("TagResource", { resourceARN: arn, tags: [completeTag] });
  const key = await ensureDemoKey(client, options.keyFile);
  return { ...found, region, key, isNew: !isComplete };
}

type Making = DemoOptions & {
  readonly place: {
    readonly region: string;
    readonly accountId: string;
    readonly applicationId: string;
  };
  readonly arn: string;
};

async function makeRest(client: Client, making: Making): Promise<void> {
  const { place, arn, report } = making;
  const { applicationId } = place;
  report("index");
  const indexId = await ensureIndex(client, applicationId, arn);
  await ensureRetriever(client, { applicationId, indexId }, arn);
  report("role and data source");
  await ensureDataSource(client, making, indexId);
  report("web experience");
  await ensureWebExperience(client, making);
  report("user");
  await ensureDemoUser(client, anonymousApiPolicy(place));
}

async function ensureApplication(
  client: Client,
  report: DemoOptions["report"],
): Promise<{ readonly applicationId?: string | undefined; readonly applicationArn: string }> {
  const found = await findDemoApplication(client);
  if (found !== undefined) return found;
  report("application");
  const { applicationId, applicationArn } = await client.call("CreateApplication", {
    displayName: "quarry-demo",
    description: "Questions about the sample bucket",
    identityType: "ANONYMOUS",
    tags: [demoTag],
  });
  return { applicationId, applicationArn: idOf(applicationArn, "application") };
}

async function ensureIndex(client: Client, applicationId: string, arn: string): Promise<string> {
  const found = await findIndex(client, applicationId, arn);
  const { indexId = found } = found
    ? {}
    : await client.call("CreateIndex", { applicationId, displayName: "sample", tags: [demoTag] });
  const index: InIndex = { applicationId, indexId: idOf(indexId, "index") };
  // A field that is there already stays as it is.
  await client.call("UpdateIndex", {
    ...index,
    documentAttributeConfigurations: [departmentField],
  });
  return index.indexId;
}

async function ensureRetriever(client: Client, { applicationId, indexId }: InIndex, arn: string) {
  for await (const { retrieverId } of listRetrievers(client, { applicationId })) {
    if (await isMarked(client, `${arn}/retriever/${retrieverId}`)) return;
  }
  await client.call("CreateRetriever", {
    applicationId,
    type: "NATIVE_INDEX",
    displayName: "sample",
    configuration: { nativeIndexConfiguration: { indexId } },
    tags: [demoTag],
  });
}

async function ensureDataSource(client: Client, making: Making, indexId: string): Promise<void> {
  const { place, arn, bucket } = making;
  const { applicationId } = place;
  const index = { applicationId, indexId };
  if ((await findDataSource(client, index, arn)) !== undefined) return;
  const roleArn = await ensureRole(client, {
    name: `QBusiness-Demo-Connector-${applicationId.slice(0, 8)}`,
    trust: s3ConnectorTrustPolicy(place),
    policyName: "s3-connector",
    policy: s3ConnectorPolicy({ ...place, indexId, bucket }),
  });
  await client.call("CreateDataSource", {
    ...index,
    displayName: "sample-bucket",
    configuration: dataSourceConfiguration(bucket),
    roleArn,
    tags: [demoTag],
  });
}

async function ensureWebExperience(client: Client, { place, arn }: Making): Promise<void> {
  const { applicationId } = place;
  if ((await findWebExperience(client, applicationId, arn)) !== undefined) return;
  const roleArn = await ensureRole(client, {
    name: `QBusiness-Demo-Web-${applicationId.slice(0, 8)}`,
    trust: anonymousWebTrustPolicy(place),
    policyName: "anonymous-web",
    policy: anonymousWebPolicy(place),
  });
  await client.call("CreateWebExperience", {
    applicationId,
    ...demoPage,
    samplePromptsControlMode: "ENABLED",
    roleArn,
    tags: [
      demoTag,
      { key: "quarry:preview", value: "true" },
      { key: "quarry:sample-prompts", value: sampleQuestions.join("|") },
    ],
  });
}

async function findRest(
  client: Client,
  applicationId: string,
  arn: string,
): Promise<Pick<Demo, "source" | "pageUrl">> {
  const indexId = idOf(await findIndex(client, applicationId, arn), "index");
  const index = { applicationId, indexId };
  const dataSourceId = idOf(await findDataSource(client, index, arn), "data source");
  const webExperienceId = idOf(
    await findWebExperience(client, applicationId, arn),
    "web experience",
  );
  const page = await client.call("GetWebExperience", { applicationId, webExperienceId });
  return { source: { ...index, dataSourceId }, pageUrl: idOf(page.defaultEndpoint, "page") };
}

async function findIndex(client: Client, applicationId: string, arn: string) {
  for await (const { indexId } of listIndices(client, { applicationId })) {
    if (await isMarked(client, `${arn}/index/${indexId}`)) return indexId;
  }
  return undefined;
}

async function findDataSource(client: Client, index: InIndex, arn: string) {
  for await (const { dataSourceId, status } of listDataSources(client, index)) {
    if (status === "DELETING") continue;
    const sourceArn = `${arn}/index/${index.indexId}/data-source/${dataSourceId}`;
    if (await isMarked(client, sourceArn)) return dataSourceId;
  }
  return undefined;
}

async function findWebExperience(client: Client, applicationId: string, arn: string) {
  for await (const { webExperienceId } of listWebExperiences(client, { applicationId })) {
    if (await isMarked(client, `${arn}/web-experience/${webExperienceId}`)) return webExperienceId;
  }
  return undefined;
}

function idOf(id: string | undefined, what: string): string {
  if (id !== undefined) return id;
  throw new CliError(
    `The demo has lost its ${what}. Delete the application tagged ${demoTag.key}, and run "quarry demo" to make a new one.`,
  );
}
