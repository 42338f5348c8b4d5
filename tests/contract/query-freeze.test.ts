import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { queryContracts, queryShapeOf } from "../../src/contract/contract.ts";
import { freezeIamContract, missingIamSource } from "../../tools/freeze-iam-contract.ts";

test("freezing the contract of IAM and STS again gives the committed bytes", (t) => {
  const missing = missingIamSource();
  if (missing !== undefined) return t.skip(missing);
  const files = Object.entries(freezeIamContract());
  assert.equal(files.length, 3);
  for (const [path, text] of files) {
    assert.equal(text, readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"), path);
  }
});

test("the contracts have every operation and error, and all that they name", () => {
  assert.equal(Object.keys(queryContracts.iam.operations).length, 83);
  assert.equal(Object.keys(queryContracts.sts.operations).length, 7);
  let count = 0;
  for (const service of ["iam", "sts"] as const) {
    const { operations, shapes, errors } = queryContracts[service];
    for (const { input, output, errors: codes } of Object.values(operations)) {
      for (const name of [input, output]) if (name !== undefined) queryShapeOf(service, name);
      for (const code of codes) assert.ok(errors[code] !== undefined, code);
    }
    for (const shape of Object.values(shapes)) {
      const named = "members" in shape ? Object.values(shape.members) : [];
      for (const name of named) queryShapeOf(service, name);
      if ("member" in shape) queryShapeOf(service, shape.member);
      if ("required" in shape) {
        for (const name of shape.required) assert.ok(Object.hasOwn(shape.members, name), name);
      }
      count += 1;
    }
  }
  assert.ok(count >= 250, `only ${count} shapes seen`);
});
