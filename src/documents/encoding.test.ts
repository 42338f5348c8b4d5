import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeText } from "./encoding.ts";

const bytes = (...hex: readonly string[]): Buffer => Buffer.from(hex.join(""), "hex");

test("a byte order mark decides and is dropped", () => {
  assert.equal(decodeText(Buffer.from("\ufeffGrüße")).text, "Grüße");
  const wide = Buffer.from("\ufeffKöln", "utf16le");
  assert.deepEqual(decodeText(wide), { text: "Köln", encoding: "utf-16le", warnings: [] });
  assert.deepEqual(decodeText(Buffer.from(wide).swap16()), {
    text: "Köln",
    encoding: "utf-16be",
    warnings: [],
  });
});

test("UTF-16 without a mark is found by its zeros", () => {
  const wide = Buffer.from("no mark at all", "utf16le");
  assert.equal(decodeText(wide).text, "no mark at all");
  assert.equal(decodeText(Buffer.from(wide).swap16()).encoding, "utf-16be");
});

test("any text survives as UTF-8, NUL aside", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const clean = text.replaceAll("\0", "").replace(/^\ufeff/, "");
      assert.equal(decodeText(Buffer.from(clean)).text, clean);
    }),
  );
});

test("NUL and damaged bytes leave a warning", () => {
  const nul = decodeText(Buffer.from("a\0b"));
  assert.equal(nul.text, "ab");
  assert.deepEqual(nul.warnings, ["NUL characters were dropped."]);
  const mostly = Buffer.concat([Buffer.from("éèêàçùîôûé".repeat(3)), bytes("ff")]);
  const damaged = decodeText(mostly);
  assert.equal(damaged.encoding, "utf-8");
  assert.ok(damaged.text.endsWith("\ufffd"));
  assert.equal(damaged.warnings.length, 1);
});

test("legacy encodings are recognised by how their language looks", () => {
  // "Здравствуйте, как ваши дела сегодня" and so on, written out as bytes of each encoding.
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    [
      "windows-1251",
      bytes("cff0e8e2e5f220e2f1e5ec20f1eef2f0f3e4ede8eae0ec"),
      /^Привет всем сотрудникам$/,
    ],
    [
      "koi8-r",
      bytes("f0d2c9d7c5d420d7d3c5cd20d3cfd4d2d5c4cec9cbc1cd"),
      /^Привет всем сотрудникам$/,
    ],
    ["windows-1256", bytes("c7e1dad1c8edc920e5ed20e6c7cdcfc920e3e420c7e1e1dbc7ca"), /^العربية/],
    ["shift_jis", bytes("82b182f182c982bf82cd"), /^こんにちは$/],
    ["euc-jp", bytes("a4b3a4f3a4cba4c1a4cf"), /^こんにちは$/],
    ["gb18030", bytes("ced2c3c7b5c4b9abcbbed4dad6d0b9fa"), /^我们的公司在中国$/],
    ["windows-1252", bytes("636166e920666fee7465"), /^café foîte$/],
    ["windows-1252", bytes("9371756f7465649420e3f1"), /^“quoted” ãñ$/],
  ];
  for (const [encoding, sample, expected] of cases) {
    const decoded = decodeText(sample);
    assert.equal(decoded.encoding, encoding, decoded.text);
    assert.match(decoded.text, expected);
    assert.match(decoded.warnings[0] ?? "", new RegExp(encoding));
  }
});

test("a declared encoding is used when it fits, and only then", () => {
  const cyrillic = bytes("cff0e8e2e5f2");
  assert.equal(decodeText(cyrillic, "windows-1251").text, "Привет");
  assert.deepEqual(decodeText(cyrillic, "windows-1251").warnings, []);
  assert.equal(decodeText(Buffer.from("Привет"), "windows-1251").text, "Привет");
  assert.equal(decodeText(bytes("c7e1dad1c8edc9"), "utf-8").encoding, "windows-1256");
  assert.equal(decodeText(cyrillic, "no-such-encoding").encoding, "windows-1251");
});
