import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DocumentFailure } from "./failure.ts";
import { makeZip } from "./testing/zip-file.ts";
import { checkZip, readZipDirectory, readZipEntry } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";

function failureCode(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof DocumentFailure, String(error));
    assert.match(error.message, /\.$/);
    return error.code;
  }
  return "none";
}

const entry: ZipEntry = {
  name: "a",
  packedBytes: 1,
  unpackedBytes: 1,
  method: 8,
  isEncrypted: false,
  localOffset: 0,
};

test("parts are listed and read, packed and stored", () => {
  const zip = makeZip([
    { name: "a.xml", content: "<a/>".repeat(1000) },
    { name: "dir/ü.txt", content: "stored", isStored: true },
  ]);
  const entries = readZipDirectory(zip) ?? [];
  assert.deepEqual(
    entries.map(({ name, unpackedBytes }) => ({ name, unpackedBytes })),
    [
      { name: "a.xml", unpackedBytes: 4000 },
      { name: "dir/ü.txt", unpackedBytes: 6 },
    ],
  );
  const texts = entries.map((one) => readZipEntry(zip, one).toString());
  assert.deepEqual(texts, ["<a/>".repeat(1000), "stored"]);
});

test("a part that is longer than the directory promises is not unpacked", () => {
  const zip = makeZip([{ name: "a", content: Buffer.alloc(50_000_000), claimedBytes: 10 }]);
  const [liar] = readZipDirectory(zip) ?? [];
  assert.ok(liar !== undefined);
  assert.equal(
    failureCode(() => readZipEntry(zip, liar)),
    "corrupt",
  );
});

test("bombs are refused by size, by ratio and by number of parts", () => {
  const refused = (entries: readonly ZipEntry[], packed: number): string =>
    failureCode(() => checkZip(entries, packed));
  assert.equal(refused([{ ...entry, unpackedBytes: 100_000_001 }], 99_000_000), "unsafe");
  assert.equal(refused([{ ...entry, unpackedBytes: 25_000_000 }], 100_000), "unsafe");
  assert.equal(
    refused(
      Array.from({ length: 20_001 }, () => entry),
      1e6,
    ),
    "unsafe",
  );
  assert.equal(refused([{ ...entry, isEncrypted: true }], 100), "encrypted");
  // Small files of one letter pack far better than the ratio and are fine.
  assert.equal(refused([{ ...entry, unpackedBytes: 19_000_000 }], 20_000), "none");
  assert.equal(refused([{ ...entry, unpackedBytes: 99_000_000 }], 9_000_000), "none");
});

test("what is cut off, damaged or no zip has no directory", () => {
  const zip = makeZip([{ name: "a", content: "text" }]);
  assert.equal(readZipDirectory(zip.subarray(0, zip.length - 1)), undefined);
  assert.equal(readZipDirectory(Buffer.from("PK\x03\x04")), undefined);
  assert.equal(readZipDirectory(Buffer.alloc(0)), undefined);
  const broken = Buffer.from(zip);
  broken.fill(0xff, 31, 36);
  const [damaged] = readZipDirectory(broken) ?? [];
  assert.ok(damaged !== undefined);
  assert.equal(
    failureCode(() => readZipEntry(broken, damaged)),
    "corrupt",
  );
});

test("no damage makes it read outside of the file or throw anything unforeseen", () => {
  const zip = makeZip([
    { name: "a.xml", content: "<a/>".repeat(20) },
    { name: "b.xml", content: "b", isStored: true },
  ]);
  const damage = fc.record({ at: fc.nat(zip.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.array(damage, { maxLength: 6 }), (changes) => {
      const copy = Buffer.from(zip);
      for (const { at, byte } of changes) copy[at] = byte;
      for (const one of readZipDirectory(copy) ?? []) {
        failureCode(() => readZipEntry(copy, one));
      }
    }),
    { numRuns: 500 },
  );
});
