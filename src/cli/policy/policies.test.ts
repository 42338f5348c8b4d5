import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parsePolicy } from "../../iam/iam.ts";
import {
  anonymousApiPolicy,
  anonymousWebPolicy,
  anonymousWebTrustPolicy,
  type PolicyDocument,
  s3ConnectorPolicy,
  s3ConnectorTrustPolicy,
} from "./policies.ts";

const place = { region: "eu-central-1", accountId: "111122223333", applicationId: "app" };
const connector = { ...place, indexId: "idx", bucket: "docs" };

const policies: readonly (readonly [string, PolicyDocument, "identity" | "trust"])[] = [
  ["s3 connector", s3ConnectorPolicy(connector), "identity"],
  ["s3 connector trust", s3ConnectorTrustPolicy(place), "trust"],
  ["anonymous api", anonymousApiPolicy(place), "identity"],
  ["anonymous web", anonymousWebPolicy(place), "identity"],
  ["anonymous web trust", anonymousWebTrustPolicy(place), "trust"],
];

test("IAM takes every policy as it is written", () => {
  for (const [name, policy, kind] of policies) {
    const parsed = parsePolicy(JSON.stringify(policy), { kind });
    assert.ok(parsed.ok, `${name}: ${parsed.ok ? "" : parsed.refusal.message}`);
  }
});

/** The policy documents in a published page, its placeholders filled in and its faults repaired. */
function published(page: string): readonly unknown[] {
  const filled = page
    .replaceAll("{{region}}", place.region)
    .replaceAll(/\{\{(?:account_id|source_account)\}\}/g, place.accountId)
    .replaceAll("{{application_id}}", place.applicationId)
    .replaceAll("{{index_id}}", connector.indexId)
    .replaceAll("{{input_bucket_name}}", connector.bucket)
    .replaceAll('"Service": ""', '"Service": "qbusiness.amazonaws.com"')
    .replaceAll(",,", ",")
    .replaceAll(/,\s*\]/g, "]");
  const lines = filled.split("\n").filter((line) => line.startsWith('{ "Version"'));
  return lines.map((line): unknown => JSON.parse(line));
}

/** Statements by their ids, for the published order of members differs from page to page. */
function bySid(policy: unknown): Readonly<Record<string, unknown>> {
  const { Statement } = policy as PolicyDocument;
  return Object.fromEntries(Statement.map((statement) => [String(statement["Sid"]), statement]));
}

test("the policies are the published ones, statement by statement", (t) => {
  const folder = new URL("../../../../shared/sources/", import.meta.url);
  const files = ["000_080fad32260becd6.txt", "004_821da0a30dcdc32a.txt"];
  const paths = files.map((file) => new URL(file, folder));
  if (!paths.every((path) => existsSync(path))) return t.skip("the published pages are not here");
  const [connectorPage = [], anonymousPage = []] = paths.map((path) =>
    published(readFileSync(path, "utf8")),
  );
  assert.equal(connectorPage.length, 3, "policy, policy with a VPC, trust");
  assert.equal(anonymousPage.length, 3, "api, web, trust");
  const pairs = [
    [s3ConnectorPolicy(connector), connectorPage[0]],
    [s3ConnectorTrustPolicy(place), connectorPage[2]],
    [anonymousApiPolicy(place), anonymousPage[0]],
    [anonymousWebPolicy(place), anonymousPage[1]],
    [anonymousWebTrustPolicy(place), anonymousPage[2]],
  ] as const;
  for (const [ours, theirs] of pairs) assert.deepEqual(bySid(ours), bySid(theirs));
});
