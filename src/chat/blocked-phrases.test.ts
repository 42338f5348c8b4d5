import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { blockedPhraseIn, fold, refusalText } from "./blocked-phrases.ts";

const hits: readonly (readonly [string, string, string])[] = [
  ["the phrase alone", "project falcon", "project falcon"],
  ["inside a sentence", "When does project falcon start?", "project falcon"],
  ["in another case", "PROJECT Falcon", "project falcon"],
  ["a phrase written in capitals", "project falcon", "Project FALCON"],
  ["over a line break and many spaces", "project \n\t  falcon", "project falcon"],
  ["with a no-break space", "project\u00A0falcon", "project falcon"],
  ["in full-width letters", "ｐｒｏｊｅｃｔ falcon", "project falcon"],
  ["with a ligature", "the \uFB01le", "file"],
  ["with a zero-width space inside", "pro\u200Bject falcon", "project falcon"],
  ["with a soft hyphen inside", "pro\u00ADject falcon", "project falcon"],
  ["composed against decomposed", "cafe\u0301", "caf\u00E9"],
  ["sharp s against double s", "Straße", "STRASSE"],
  ["beside punctuation", "(falcon).", "falcon"],
  ["beside a hyphen", "falcon-like", "falcon"],
  ["a phrase that ends with a sign", "I like C++11", "c++"],
  ["white space around the phrase itself", "falcon", "  falcon "],
  ["the second place where the first is inside a word", "falconry and falcon", "falcon"],
  ["Chinese inside a sentence without spaces", "我想知道机密项目的日期", "机密项目"],
  ["beside an emoji", "🦅falcon🦅", "falcon"],
];

for (const [name, text, phrase] of hits) {
  test(`a blocked phrase is found: ${name}`, () => {
    assert.equal(blockedPhraseIn(text, [phrase]), phrase);
  });
}

const misses: readonly (readonly [string, string, string])[] = [
  ["inside a longer word", "falconry", "falcon"],
  ["at the end of a longer word", "gyrfalcon", "falcon"],
  ["before a digit", "falcon9", "falcon"],
  ["before an underscore", "falcon_id", "falcon"],
  ["before a letter of another plane", "falcon𝒳", "falcon"],
  ["words in another order", "falcon project", "project falcon"],
  ["a word in between", "project blue falcon", "project falcon"],
  ["an empty phrase", "anything", ""],
  ["a phrase of spaces", "any thing", "  "],
  ["nothing to look in", "", "falcon"],
];

for (const [name, text, phrase] of misses) {
  test(`a blocked phrase is not found: ${name}`, () => {
    assert.equal(blockedPhraseIn(text, [phrase]), undefined);
  });
}

test("the first phrase of the list that is present is named", () => {
  assert.equal(blockedPhraseIn("b then a", ["c", "a", "b"]), "a");
  assert.equal(blockedPhraseIn("b then a", []), undefined);
});

test("the administrator's text replaces the stock refusal, an empty one does not", () => {
  assert.equal(refusalText({ phrases: [], systemMessageOverride: "Ask Jane." }), "Ask Jane.");
  const stock = refusalText({ phrases: [] });
  assert.match(stock, /administrator/);
  assert.equal(refusalText({ phrases: [], systemMessageOverride: "" }), stock);
});

test("folding twice changes nothing more", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(fc.property(text, (value) => assert.equal(fold(fold(value)), fold(value))));
});

test("folding is stable for every character there is", () => {
  const unstable = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (fold(fold(character)) !== fold(character)) unstable.push(character);
  }
  assert.deepEqual(unstable, []);
});

test("a phrase between spaces is always found, whatever stands around it", () => {
  const words = fc.string({ unit: "grapheme", maxLength: 20 });
  fc.assert(
    fc.property(words, words, words, (left, phrase, right) => {
      fc.pre(fold(phrase) !== "");
      assert.equal(blockedPhraseIn(`${left} ${phrase} ${right}`, [phrase]), phrase);
    }),
  );
});
