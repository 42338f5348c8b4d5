import assert from "node:assert/strict";
import { test } from "node:test";
import { isSpaceAt } from "./white-space.ts";

test("white space is what regular expressions take for it, over all code units", () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const character = String.fromCharCode(code);
    assert.equal(isSpaceAt(character, 0), /\s/.test(character), code.toString(16));
  }
});
