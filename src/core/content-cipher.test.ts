import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  BrokenSealError,
  type ContentCipher,
  contentCipher,
  type ContentKey,
  openVault,
  plainCipher,
  sealedOverheadBytes,
} from "./content-cipher.ts";

const older: ContentKey = { id: 7, bytes: randomBytes(32) };
const newer: ContentKey = { id: 300, bytes: randomBytes(32) };
const cipher = contentCipher({ applicationId: "a1", keys: [older, newer] });
const content = Buffer.from("the merger closes in May");

function breaks(run: () => unknown): void {
  assert.throws(run, BrokenSealError);
}

test("what was sealed for a place opens there, whatever it is", () => {
  const law = (one: ContentCipher) =>
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.uint8Array(),
      fc.string(),
      (at, bytes, text) => {
        assert.deepEqual(Buffer.from(one.open(at, one.seal(at, bytes))), Buffer.from(bytes));
        const wellFormed = text.toWellFormed();
        assert.equal(one.openText(at, one.sealText(at, wellFormed)), wellFormed);
      },
    );
  fc.assert(law(cipher), { numRuns: 300 });
  fc.assert(law(plainCipher), { numRuns: 50 });
});

test("it opens at no other place, and for no other application", () => {
  const sealed = cipher.seal("message/1/body", content);
  breaks(() => cipher.open("message/2/body", sealed));
  const keys = [older, newer];
  breaks(() => contentCipher({ applicationId: "a2", keys }).open("message/1/body", sealed));
  breaks(() =>
    contentCipher({ applicationId: "a1", keys: [older] }).open("message/1/body", sealed),
  );
});

test("no bit of it can be flipped, and no byte is too few or too many", () => {
  const sealed = Buffer.from(cipher.seal("r", content));
  assert.equal(sealed.length, content.length + sealedOverheadBytes);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    breaks(() => cipher.open("r", altered));
  }
  for (let size = 0; size < sealed.length; size += 1) {
    breaks(() => cipher.open("r", sealed.subarray(0, size)));
  }
  breaks(() => cipher.open("r", Buffer.concat([sealed, Buffer.of(0)])));
});

test("the newest key seals, and older ones go on opening", () => {
  const before = contentCipher({ applicationId: "a1", keys: [older] });
  const old = before.sealText("r", "secret");
  assert.equal(cipher.openText("r", old), "secret");
  breaks(() => before.openText("r", cipher.sealText("r", "secret")));
});

test("the same content is never the same twice, and stands in no form in what is stored", () => {
  const texts = [cipher.sealText("r", "canary"), cipher.sealText("r", "canary")];
  assert.notEqual(texts[0], texts[1]);
  for (const text of texts) {
    assert.ok(!text.includes("canary"));
    assert.ok(!text.includes(Buffer.from("canary").toString("base64")));
  }
  assert.ok(!Buffer.from(cipher.seal("r", content)).includes(content));
});

test("a text that only looks sealed is content like any other; our own words may stand unsealed", () => {
  const tricky = "sealed:AAAA";
  assert.equal(cipher.openText("r", cipher.sealText("r", tricky)), tricky);
  breaks(() => cipher.openText("r", tricky));
  assert.equal(cipher.openText("r", "try again"), "try again");
  assert.equal(cipher.sealText("r", ""), "");
});

test("nothing is sealed without a key, and the plain twin hands back the very same bytes", async () => {
  const none = contentCipher({ applicationId: "a1", keys: [] });
  assert.throws(() => none.seal("r", content), /no data key/);
  assert.equal(contentCipher(undefined), plainCipher);
  assert.equal(plainCipher.seal("r", content), content);
  assert.equal(await openVault.cipherOf("a"), plainCipher);
  assert.equal(await openVault.cipherOfIndex("i"), plainCipher);
});
