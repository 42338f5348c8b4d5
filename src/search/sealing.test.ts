import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { BrokenSealError, contentCipher, plainCipher } from "../core/content-cipher.ts";
import { openDocument, sealBlobs, sealDocuments, sealedPlace, sealParts } from "./sealing.ts";

const keys = [{ id: 1, bytes: randomBytes(32) }];
const cipher = contentCipher({ applicationId: "a1", keys });
const document = {
  documentKey: 7,
  version: 3,
  aclClass: 1,
  title: "The merger",
  attributes: '{"a":1}',
  chunks: 2,
  pages: [Buffer.from("page one"), Buffer.from("page two")],
};

test("without a key nothing is copied: the very same values go on", () => {
  const parts = [{ part: 0, checksum: 1, data: Buffer.from("x") }];
  assert.equal(sealParts(plainCipher, 1, parts), parts);
  const documents = [document];
  assert.equal(sealDocuments(plainCipher, "i", documents), documents);
  assert.equal(openDocument(plainCipher, "i", document), document);
});

test("a document is sealed but for its numbers, and opens at its own place only", () => {
  const [sealed] = sealDocuments(cipher, "i", [document]);
  assert.ok(sealed);
  const { documentKey, version, aclClass, chunks } = sealed;
  assert.deepEqual([documentKey, version, aclClass, chunks], [7, 3, 1, 2]);
  assert.ok(!JSON.stringify(sealed).includes("merger"));
  assert.ok(!Buffer.concat(sealed.pages).includes("page"));
  const opened = openDocument(cipher, "i", sealed);
  const pages = opened.pages.map((page) => Buffer.from(page));
  assert.deepEqual({ ...opened, pages }, document);
  const elsewhere = [
    () => openDocument(cipher, "other", sealed),
    () => openDocument(cipher, "i", { ...sealed, version: 4 }),
    () => openDocument(cipher, "i", { ...sealed, documentKey: 8 }),
    () => openDocument(cipher, "i", { ...sealed, pages: sealed.pages.toReversed() }),
    () => openDocument(cipher, "i", { ...sealed, attributes: sealed.title }),
  ];
  for (const open of elsewhere) assert.throws(open, BrokenSealError);
});

test("the checksum of a sealed part is of what is stored, so damage shows without the key", () => {
  const blobs = ["head", "postings"].map((text) => {
    const data = Buffer.from(text);
    return { data, checksum: crc32(data) };
  });
  const parts = sealBlobs(cipher, 5, blobs);
  for (const [i, { part, checksum, data }] of parts.entries()) {
    assert.equal(part, i);
    assert.equal(checksum, crc32(data));
    const opened = cipher.open(sealedPlace.part({ segmentId: 5, part }), data);
    assert.deepEqual(Buffer.from(opened), blobs[i]?.data);
    const moved = sealedPlace.part({ segmentId: 6, part });
    assert.throws(() => cipher.open(moved, data), BrokenSealError);
  }
});
