import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import * as q from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import { openWorld, type World } from "../support/world.ts";

describe("lists and tags of resources", () => {
  let world: World;
  before(async () => {
    world = await openWorld(10);
  });
  after(() => world.close());

  test("lists come in pages that add up, with tokens of that list only", async () => {
    const own = await world.site();
    const { client, applicationId, indexId } = own;
    for (let n = 0; n < 7; n += 1) {
      await client.send(new q.CreateIndexCommand({ applicationId, displayName: `i${n}` }));
      await client.send(new q.CreateWebExperienceCommand({ applicationId }));
      await client.send(
        new q.CreateDataSourceCommand({
          applicationId,
          indexId,
          displayName: `d${n}`,
          configuration: { type: "CUSTOM", version: "1.0.0" },
        }),
      );
      await client.send(
        new q.CreateRetrieverCommand({
          applicationId,
          displayName: `r${n}`,
          type: "NATIVE_INDEX",
          configuration: { nativeIndexConfiguration: { indexId } },
        }),
      );
    }
    const page = { client, pageSize: 3 };
    const ids: Record<string, (string | undefined)[]> = { i: [], w: [], d: [], r: [], a: [] };
    for await (const { indices = [] } of q.paginateListIndices(page, { applicationId })) {
      assert.ok(indices.length <= 3);
      ids["i"]?.push(...indices.map((one) => one.displayName));
    }
    for await (const one of q.paginateListWebExperiences(page, { applicationId })) {
      ids["w"]?.push(...(one.webExperiences ?? []).map((site) => site.webExperienceId));
    }
    for await (const one of q.paginateListDataSources(page, { applicationId, indexId })) {
      ids["d"]?.push(...(one.dataSources ?? []).map((source) => source.displayName));
    }
    for await (const one of q.paginateListRetrievers(page, { applicationId })) {
      ids["r"]?.push(...(one.retrievers ?? []).map((retriever) => retriever.displayName));
    }
    for await (const one of q.paginateListApplications({ client, pageSize: 1 }, {})) {
      ids["a"]?.push(...(one.applications ?? []).map((app) => app.applicationId));
    }
    const numbered = (letter: string) => Array.from({ length: 7 }, (_, n) => `${letter}${n}`);
    assert.deepEqual(ids["i"], ["index", ...numbered("i")]);
    assert.deepEqual(ids["d"], numbered("d"));
    assert.deepEqual(ids["r"], ["retriever", ...numbered("r")]);
    assert.equal(new Set(ids["w"]).size, 7);
    const { applications = [] } = await client.send(new q.ListApplicationsCommand({}));
    assert.deepEqual(
      ids["a"],
      applications.map((one) => one.applicationId),
    );

    const { nextToken = "" } = await client.send(
      new q.ListIndicesCommand({ applicationId, maxResults: 1 }),
    );
    const middle = Math.floor(nextToken.length / 2);
    const altered =
      nextToken.slice(0, middle) +
      (nextToken[middle] === "A" ? "B" : "A") +
      nextToken.slice(middle + 1);
    const elsewhere = (await world.site()).applicationId;
    const wrong = [
      new q.ListIndicesCommand({ applicationId, nextToken: altered }),
      new q.ListIndicesCommand({ applicationId, nextToken: "x" }),
      new q.ListIndicesCommand({ applicationId: elsewhere, nextToken }),
      new q.ListRetrieversCommand({ applicationId, nextToken }),
      new q.ListDocumentsCommand({ applicationId, indexId, nextToken }),
      new q.GetChatControlsConfigurationCommand({ applicationId, nextToken }),
    ];
    for (const command of wrong) {
      const refused = await refusal(client.send(command as q.ListIndicesCommand));
      assert.equal(refused.name, "ValidationException", command.constructor.name);
      assert.equal(refused.fields?.[0]?.name, "nextToken");
    }
  });

  test("tags are added, overwritten, listed and removed, up to 50", async () => {
    const { client, applicationArn: resourceARN } = await world.site();
    const list = async () =>
      (await client.send(new q.ListTagsForResourceCommand({ resourceARN }))).tags;
    const tag = (tags: q.Tag[]) => client.send(new q.TagResourceCommand({ resourceARN, tags }));
    await tag([
      { key: "Team", value: "a" },
      { key: "team", value: "b" },
    ]);
    await tag([{ key: "team", value: "" }]);
    assert.deepEqual(await list(), [
      { key: "Team", value: "a" },
      { key: "team", value: "" },
    ]);
    await client.send(new q.UntagResourceCommand({ resourceARN, tagKeys: ["Team", "none"] }));
    assert.deepEqual(await list(), [{ key: "team", value: "" }]);
    const many = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: "v" }));
    assert.equal((await refusal(tag(many))).name, "ValidationException");
    assert.equal((await list())?.length, 1, "nothing of a refused call is kept");
    await tag(many.slice(1));
    assert.equal((await list())?.length, 50);
    assert.equal((await refusal(tag([{ key: "aws:x", value: "" }]))).name, "ValidationException");
    const unknown = `${resourceARN}/index/${randomUUID()}`;
    const missing = await refusal(
      client.send(new q.ListTagsForResourceCommand({ resourceARN: unknown })),
    );
    assert.equal(missing.name, "ResourceNotFoundException");
  });
});
