import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { AccessConfiguration } from "@aws-sdk/client-qbusiness";
import { makeSource, type Source, sync } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import {
  type Finder,
  makeSignedInSite,
  openFinder,
  putDocuments,
  putGroup,
} from "./principals-site.ts";

type Expected = Readonly<Record<string, readonly string[]>>;
type Scenario = {
  readonly id: string;
  readonly title: string;
  readonly users: readonly string[];
  readonly groups: readonly {
    readonly groupName: string;
    readonly memberUsers: readonly string[];
    readonly memberGroups: readonly string[];
  }[];
  readonly aclFile: unknown;
  readonly documents: readonly {
    readonly key: string;
    readonly metadataFile?: unknown;
    readonly accessConfiguration?: AccessConfiguration;
  }[];
  readonly expect: Expected;
  readonly phases?: readonly {
    readonly step: string;
    readonly aclFile?: unknown;
    readonly expect: Expected;
  }[];
};

const file = "../shared/data/acl/scenarios.json";
const aclKey = "access.json";

/** The scenarios; none where their file is not there. */
function scenarios(): readonly Scenario[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly scenarios: readonly Scenario[] })
    .scenarios;
}

describe("the published behaviour of access lists, as scenarios", () => {
  let world: World;
  let finder: Finder;
  before(async () => {
    world = await openWorld(scenarios().length);
    finder = await openFinder(world.server);
  });
  after(async () => {
    await finder[Symbol.asyncDispose]();
    await world.close();
  });

  test("there are scenarios", (t) => {
    if (!existsSync(file)) return t.skip(`${file} is not there`);
    assert.equal(scenarios().length, 12);
  });

  for (const scenario of scenarios()) {
    test(`${scenario.id}: ${scenario.title}`, async () => {
      const files = world.bucket();
      const site = await makeSignedInSite(world.server);
      for (const { key, metadataFile, accessConfiguration } of scenario.documents) {
        if (accessConfiguration !== undefined) continue;
        await files.put(key, "Words about the harbour.");
        if (metadataFile !== undefined) await files.putJson(`${key}.metadata.json`, metadataFile);
      }
      const putAclFile = (content: unknown): Promise<void> =>
        // The scenarios name a bucket of their own.
        files.put(aclKey, JSON.stringify(content).replaceAll("acl-bucket", files.name));
      const hasAclFile = scenario.aclFile !== null;
      if (hasAclFile) await putAclFile(scenario.aclFile);
      const settings = hasAclFile ? { aclConfigurationFilePath: aclKey } : {};
      const source: Source = await makeSource(site, files.name, settings);
      await sync(source);
      await putDocuments(
        site,
        scenario.documents.flatMap(({ key: id, accessConfiguration: access }) =>
          access === undefined ? [] : [{ id, access }],
        ),
      );
      for (const { groupName, memberUsers, memberGroups } of scenario.groups) {
        await putGroup(site, groupName, {
          memberUsers: memberUsers.map((userId) => ({ userId })),
          memberGroups: memberGroups.map((name) => ({ groupName: name })),
        });
      }
      const check = async (expected: Expected, step: string): Promise<void> => {
        for (const user of scenario.users) {
          const found = (await finder.find(site, user)).map((id) =>
            id.replace(/^s3:\/\/[^/]+\//, ""),
          );
          assert.deepEqual(found, expected[user]?.toSorted(), `${user} after ${step}`);
        }
      };
      await check(scenario.expect, "the first sync");
      for (const phase of scenario.phases ?? []) {
        if (phase.aclFile !== undefined) await putAclFile(phase.aclFile);
        if (phase.step === "sync") await sync(source);
        await check(phase.expect, phase.step);
      }
    });
  }
});
