import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CreateApplicationCommand,
  CreateDataSourceCommand,
  CreateIndexCommand,
  GetIndexCommand,
  SearchRelevantContentCommand,
  type CreateDataSourceCommandInput,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { s3ConnectorTrustPolicy } from "../../src/cli/policy/policies.ts";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  counts,
  makeRole,
  makeSource,
  pathOf,
  region,
  s3Configuration,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

describe("a data source", () => {
  let world: World;
  before(async () => {
    world = await openWorld(6);
  });
  after(() => world.close());

  const faultOf = async (call: Promise<unknown>): Promise<readonly unknown[]> => {
    const { name, fields } = await refusal(call);
    return [name, fields?.[0]?.name, fields?.[0]?.message];
  };

  test("of the newer S3 template has no network of its own", async () => {
    const source = await world.source();
    const { client, applicationId, indexId, roleArn, bucket } = source;
    const connectionConfiguration = { bucketName: bucket, bucketOwnerAccountId: accountId };
    const input: CreateDataSourceCommandInput = {
      applicationId,
      indexId,
      displayName: "newer",
      roleArn,
      configuration: { type: "S3V2", connectionConfiguration },
    };
    const vpcConfiguration = { subnetIds: ["subnet-0a1b2c3d"], securityGroupIds: ["sg-0a1b2c3d"] };
    const expected = [
      "ValidationException",
      "vpcConfiguration",
      "Member must be null for a data source of type S3V2",
    ];
    const create = client.send(new CreateDataSourceCommand({ ...input, vpcConfiguration }));
    assert.deepEqual(await faultOf(create), expected);
    const { dataSourceId = "" } = await client.send(new CreateDataSourceCommand(input));
    const path = pathOf({ ...source, dataSourceId });
    const update = client.send(new UpdateDataSourceCommand({ ...path, vpcConfiguration }));
    assert.deepEqual(await faultOf(update), expected);
  });

  test("brings the index its default field: in the newer template always, in the older if mapped", async () => {
    const source = await world.source();
    const { client, applicationId, indexId, roleArn, bucket } = source;
    const has = async (at: string): Promise<boolean> => {
      const index = await client.send(new GetIndexCommand({ applicationId, indexId: at }));
      const fields = index.documentAttributeConfigurations ?? [];
      return fields.some(({ name, type }) => name === "s3_document_id" && type === "STRING");
    };
    assert.equal(await has(indexId), false, "an empty list of mappings brings none");
    const [indexFieldName, dataSourceFieldName] = ["s3_document_id", "s3_document_id"];
    const mapping = { indexFieldName, indexFieldType: "STRING", dataSourceFieldName };
    const configuration = {
      ...s3Configuration(bucket),
      repositoryConfigurations: { document: { fieldMappings: [mapping] } },
    } as never;
    await client.send(new UpdateDataSourceCommand({ ...pathOf(source), configuration }));
    assert.equal(await has(indexId), true);

    const { indexId: other = "" } = await client.send(
      new CreateIndexCommand({ applicationId, displayName: "other" }),
    );
    const connectionConfiguration = { bucketName: bucket, bucketOwnerAccountId: accountId };
    await client.send(
      new CreateDataSourceCommand({
        applicationId,
        indexId: other,
        displayName: "newer",
        roleArn,
        configuration: { type: "S3V2", connectionConfiguration },
      }),
    );
    assert.equal(await has(other), true);
  });

  test("gives documents the type that their metadata, their keys or their bytes say", async () => {
    const page = "<html><body><p>The heron fishes at dawn.</p></body></html>";
    const source = await world.source({
      "a.txt": "The heron fishes at dawn.",
      "b.html": page,
      "nameless page": page,
      "c.txt": "The heron fishes at dawn.",
    });
    await source.files.putJson("c.txt.metadata.json", { ContentType: "MD" });
    assert.equal(counts(await sync(source)), "4 4 0 0 0");
    const ofType = async (type: string): Promise<readonly (string | undefined)[]> => {
      const name = "_file_type";
      const attributeFilter = { equalsTo: { name, value: { stringValue: type } } };
      const { relevantContent = [] } = await source.client.send(
        new SearchRelevantContentCommand({
          applicationId: source.applicationId,
          queryText: "heron fishes",
          contentSource: { retriever: { retrieverId: source.retrieverId } },
          attributeFilter,
        }),
      );
      return relevantContent.map(({ documentTitle }) => documentTitle).toSorted();
    };
    assert.deepEqual(await ofType("PLAIN_TEXT"), ["a.txt"]);
    assert.deepEqual(await ofType("HTML"), ["b.html", "nameless page"]);
    assert.deepEqual(await ofType("MD"), ["c.txt"]);
  });

  test("cannot take the role of its application", async () => {
    const site = await world.site();
    const { client } = site;
    const place = { region, accountId, applicationId: "*", indexId: "*", bucket: "bucket-3" };
    const trust = s3ConnectorTrustPolicy(place);
    const own = await makeRole(site.iam, "application-role", { trust });
    const { applicationId = "", applicationArn = "" } = await client.send(
      new CreateApplicationCommand({
        displayName: "own",
        identityType: "ANONYMOUS",
        roleArn: own,
      }),
    );
    const { indexId = "", indexArn = "" } = await client.send(
      new CreateIndexCommand({ applicationId, displayName: "index" }),
    );
    const under = { ...site, applicationId, applicationArn, indexId, indexArn };
    const source = await makeSource(under, "bucket-3");
    const expected = [
      "ValidationException",
      "roleArn",
      "Member must name another role than that of the application",
    ];
    const update = new UpdateDataSourceCommand({ ...pathOf(source), roleArn: own });
    assert.deepEqual(await faultOf(client.send(update)), expected);
    const configuration = s3Configuration("bucket-3") as never;
    const input = { applicationId, indexId, displayName: "d", roleArn: own, configuration };
    assert.deepEqual(await faultOf(client.send(new CreateDataSourceCommand(input))), expected);
  });
});
