import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import cases from "./configuration-cases.json" with { type: "json" };
import type { S3Settings } from "./settings.ts";
import { validateConfiguration } from "./validate-configuration.ts";

type Json = { [key: string]: unknown };

/** A base configuration with some keys, named by their paths, changed. */
function configurationOf(base: string, changes: Json): Json {
  const configuration = structuredClone((cases.base as Json)[base]) as Json;
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    let target = configuration;
    for (const step of steps) target = (target[step] ??= {}) as Json;
    target[last] = value;
  }
  return configuration;
}

function errorsOf(configuration: unknown): readonly string[] {
  const result = validateConfiguration(configuration);
  if (result.isValid) return [];
  for (const { message } of result.errors) assert.ok(message.length > 5);
  return result.errors.map(({ field, code }) => (code === undefined ? field : `${field} ${code}`));
}

function settingsOf(configuration: unknown): S3Settings {
  const result = validateConfiguration(configuration);
  assert.ok(result.isValid && result.settings.type !== "CUSTOM", JSON.stringify(result));
  return result.settings;
}

test("every valid form gives the settings it means", () => {
  assert.ok(cases.valid.length >= 18);
  for (const { name, base, set, expect } of cases.valid) {
    const settings = settingsOf(configurationOf(base, set as Json));
    assert.equal(settings.bucket, "acme-kb", name);
    for (const [key, value] of Object.entries(expect)) {
      assert.deepEqual(settings[key as keyof S3Settings], value, `${name}: ${key}`);
    }
  }
});

test("every invalid form is refused, naming the key and the connector's code", () => {
  assert.ok(cases.invalid.length >= 38);
  for (const { base, set, errors } of cases.invalid) {
    assert.deepEqual(errorsOf(configurationOf(base, set as Json)), errors, JSON.stringify(set));
  }
});

test("a configuration that is no object is refused as a whole", () => {
  for (const configuration of [undefined, null, 5, "S3", [], true]) {
    assert.deepEqual(errorsOf(configuration), ["configuration"]);
  }
});

test("the stale shape of older documentation is refused, naming the missing type", () => {
  assert.deepEqual(errorsOf({ S3Configuration: { BucketName: "b" } }), ["configuration.type"]);
});

test("a custom data source needs no more than its type", () => {
  const result = validateConfiguration({ type: "CUSTOM", version: "1.0.0" });
  assert.deepEqual(result, { isValid: true, settings: { type: "CUSTOM", version: "1.0.0" } });
  assert.deepEqual(errorsOf({ type: "CUSTOM" }), []);
});

test("S19: a change log is no sync mode of this connector", () => {
  const field = "configuration.syncMode";
  for (const syncMode of ["CHANGE_LOG", "NEW_OR_MODIFIED", "full_crawl", ""]) {
    assert.deepEqual(errorsOf(configurationOf("S3", { syncMode })), [field]);
  }
});

test("of versions that are neither, both that are taken are named", () => {
  for (const version of ["1.0.0", "2.0.0"]) {
    assert.deepEqual(errorsOf(configurationOf("S3", { version })), []);
  }
  const result = validateConfiguration(configurationOf("S3", { version: "3.0.0" }));
  assert.ok(!result.isValid);
  assert.equal(result.errors[0]?.message, "must be 1.0.0 or 2.0.0");
});

test("a key of a wrong type is told once, with its type or with what it may be", () => {
  const told = (base: "S3" | "S3V2", set: object): readonly string[] =>
    errorsOf(configurationOf(base, { ...set }));
  assert.deepEqual(told("S3", { syncMode: 5 }), ["configuration.syncMode"]);
  assert.deepEqual(told("S3", { syncMode: null }), ["configuration.syncMode"]);
  assert.deepEqual(told("S3", { syncMode: "full_crawl" }), ["configuration.syncMode"]);
  const owner = "connectionConfiguration.bucketOwnerAccountId";
  // A number has lost the zeros in front, and then it is no account id.
  for (const wrong of [
    44455556666,
    4444555566667,
    444455556666.5,
    true,
    [],
    "",
    null,
    "44445555666x",
  ]) {
    assert.deepEqual(told("S3V2", { [owner]: wrong }), [`configuration.${owner}`], String(wrong));
  }
});

test("S20: the templates differ in case, types and features", () => {
  const v1 = configurationOf("S3", {});
  const v2 = configurationOf("S3V2", {});
  assert.notDeepEqual(errorsOf({ ...v1, type: "S3V2" }), []);
  assert.notDeepEqual(errorsOf({ ...v2, type: "S3" }), []);
  assert.equal(settingsOf(v1).bucketOwnerAccountId, undefined);
  assert.equal(settingsOf(v2).bucketOwnerAccountId, "444455556666");
});

test("a hundred patterns are accepted in all and one more is not", () => {
  const patterns = (count: number): string[] => Array.from({ length: count }, (_, n) => `*.${n}`);
  const path = "additionalProperties.inclusionPatterns";
  const excluded = { "additionalProperties.exclusionPatterns": ["*.tmp"] };
  assert.deepEqual(errorsOf(configurationOf("S3", { [path]: patterns(100) })), []);
  assert.deepEqual(errorsOf(configurationOf("S3", { [path]: patterns(101) })), [
    `configuration.${path}`,
  ]);
  assert.deepEqual(errorsOf(configurationOf("S3", { [path]: patterns(100), ...excluded })), [
    `configuration.${path}`,
  ]);
});

test("keys of the prototype are no keys of a configuration", () => {
  const polluted = JSON.parse('{"__proto__":{"type":"S3"}}') as unknown;
  assert.deepEqual(errorsOf(polluted), ["configuration.type"]);
});

test("the six example configurations validate as their names say", (t) => {
  const folder = join(
    import.meta.dirname,
    "../../../shared/data/s3-connector-examples/configurations",
  );
  if (!existsSync(folder)) return t.skip("the example configurations are not on this machine");
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const minimal = settingsOf(read("01-s3-minimal.json"));
  assert.deepEqual(
    minimal.fieldMappings.map(({ indexFieldName }) => indexFieldName),
    ["s3_document_id"],
  );
  const all = settingsOf(read("02-s3-all-options.json"));
  assert.equal(all.syncMode, "FORCED_FULL_CRAWL");
  assert.equal(all.aclFileKey, "config/acl.json");
  const seen = settingsOf(read("03-s3-as-seen-in-samples.json"));
  assert.deepEqual(seen.exclusionPrefixes, ["temporary/"]);
  assert.deepEqual(seen.deletionProtection, { isEnabled: false, thresholdPercent: 15 });
  assert.equal(seen.fileSizeBytesMax, 100 * 1024 * 1024);
  const v2 = settingsOf(read("04-s3v2-all-options.json"));
  assert.equal(v2.type, "S3V2");
  assert.equal(v2.deletionProtection.isEnabled, true);
  const bucket =
    "configuration.connectionConfiguration.repositoryEndpointMetadata.BucketName S3-5100";
  assert.deepEqual(errorsOf(read("05-s3-invalid-no-bucket.json")), [bucket]);
  assert.deepEqual(errorsOf(read("06-s3-invalid-sync-mode.json")), ["configuration.syncMode"]);
});
