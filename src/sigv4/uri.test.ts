import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeUri, encodePath, encodeUri, normalizePath, normalizeUri } from "./uri.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));

/** The obvious way: byte by byte. */
function plainEncode(text: string, keep: RegExp): string {
  return [...Buffer.from(text, "latin1")]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return keep.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

test("encoding agrees with the plain way on all bytes", () => {
  fc.assert(
    fc.property(bytes, (array) => {
      const text = array.toString("latin1");
      assert.equal(encodeUri(text), plainEncode(text, /[A-Za-z0-9\-._~]/));
      assert.equal(encodePath(text), plainEncode(text, /[A-Za-z0-9\-._~/]/));
    }),
  );
});

test("decoding undoes encoding", () => {
  fc.assert(
    fc.property(bytes, (array) => {
      const text = array.toString("latin1");
      assert.equal(decodeUri(encodeUri(text)), text);
    }),
  );
});

test("normalizing gives every spelling of a text one form, and changes that no more", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.infiniteStream(fc.boolean()), (text, coin) => {
      const escaped = [...Buffer.from(text)].map((byte) => {
        const char = String.fromCharCode(byte);
        const isFree = char !== "%" && coin.next().value;
        return isFree ? char : `%${byte.toString(16).padStart(2, "0")}`;
      });
      assert.equal(normalizeUri(escaped.join("")), encodeUri(Buffer.from(text).toString("latin1")));
      assert.equal(normalizeUri(encodeUri(text)), encodeUri(text));
    }),
  );
});

test("Unicode text and its UTF-8 bytes encode alike", () => {
  assert.equal(encodeUri("ሴ"), "%E1%88%B4");
  assert.equal(encodeUri(Buffer.from("ሴ").toString("latin1")), "%E1%88%B4");
  assert.equal(encodeUri("😀"), "%F0%9F%98%80");
});

test("a percent sign that starts no escape stands for itself", () => {
  assert.equal(normalizeUri("100%"), "100%25");
  assert.equal(normalizeUri("%zz%4"), "%25zz%254");
  assert.equal(decodeUri("100%/%zz%41"), "100%/%zzA");
});

test("a plus sign stays a plus sign", () => {
  assert.equal(normalizeUri("a+b"), "a%2Bb");
  assert.equal(normalizeUri("a%2Bb"), "a%2Bb");
});

test("a slash between segments is not the slash in a segment", () => {
  assert.equal(normalizePath("/a%2Fb/c"), "/a%2Fb/c");
  assert.equal(encodePath("/a%2Fb/c"), "/a%252Fb/c");
});
