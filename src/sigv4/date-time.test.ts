import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatDateTime, parseDateTime } from "./date-time.ts";

test("reading undoes writing, to the second", () => {
  const date = fc.date({
    min: new Date("1000-01-01"),
    max: new Date("9999-12-31"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (date) => {
      const seconds = Math.floor(date.getTime() / 1000) * 1000;
      assert.equal(parseDateTime(formatDateTime(date.getTime())), seconds);
      assert.equal(parseDateTime(new Date(seconds).toUTCString()), seconds);
    }),
  );
});

const wrong = [
  "",
  "20150830",
  "20150830T123600",
  "20150830t123600z",
  "20150830T123600+",
  "2015-08-30T12:36:00Z",
  "20150230T123600Z",
  "20151301T123600Z",
  "20150800T123600Z",
  "20150830T243600Z",
  "20150830T126000Z",
  "20150830T123660Z",
  "00990830T123600Z",
  "2015083 T123600Z",
  "Mon, 30 Aug 2015 12:36:00 GMT",
  "Sun, 30 Aug 2015 12:36:00 UTC",
  "Sunday, 30-Aug-15 12:36:00 GMT",
];

for (const text of wrong) {
  test(`"${text}" is not a date`, () => assert.equal(parseDateTime(text), undefined));
}

test("no text makes reading fail", () => {
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (text) => void parseDateTime(text)));
});
