// Numbers, dates and addresses: the values conditions compare.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compareDecimals, parseDecimal } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import { blockHolds, parseIp, parseIpBlock } from "./ip-address.ts";

function compare(left: string, right: string): number {
  const [one, other] = [parseDecimal(left), parseDecimal(right)];
  assert.ok(one && other, `${left} ${right}`);
  return Math.sign(compareDecimals(one, other)) + 0;
}

test("decimals compare by value, however they are written", () => {
  const ascending = [
    "-100",
    "-99.5",
    "-1",
    "-0.5",
    "0",
    "0.05",
    "0.5",
    "1",
    "9",
    "10",
    "99.99",
    "100",
  ];
  for (const [at, left] of ascending.entries()) {
    for (const [other, right] of ascending.entries()) {
      assert.equal(compare(left, right), Math.sign(at - other) + 0, `${left} ${right}`);
    }
  }
  for (const same of ["1", "1.0", "01", "1.000"]) assert.equal(compare(same, "1"), 0);
  assert.equal(compare("-0", "0.00"), 0);
});

test("decimals agree with whole-number arithmetic at any size", () => {
  const scaled = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  const written = (value: bigint): string => {
    const digits = (value < 0n ? -value : value).toString().padStart(7, "0");
    return `${value < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
  };
  fc.assert(
    fc.property(scaled, scaled, (left, right) => {
      const expected = left === right ? 0 : left < right ? -1 : 1;
      assert.equal(compare(written(left), written(right)), expected);
    }),
  );
});

test("what is no decimal is none", () => {
  for (const text of [
    "",
    "-",
    ".",
    "1.",
    ".5",
    "1e3",
    "+1",
    " 1",
    "1 ",
    "0x1",
    "1.2.3",
    "--1",
    "NaN",
    "１",
  ]) {
    assert.equal(parseDecimal(text), undefined, JSON.stringify(text));
  }
});

test("dates agree with the built-in parser where both know the form", () => {
  const between = { min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(between), (date) => {
      const iso = date.toISOString();
      assert.equal(parseInstant(iso), date.getTime());
      assert.equal(parseInstant(iso.slice(0, 10)), Date.parse(iso.slice(0, 10)));
      const seconds = Math.floor(date.getTime() / 1000);
      if (Math.abs(seconds) > 9_999) assert.equal(parseInstant(String(seconds)), seconds * 1000);
    }),
  );
});

test("offsets move an instant", () => {
  const noon = parseInstant("2026-11-21T12:00:00Z");
  for (const same of [
    "2026-11-21T13:00:00+01:00",
    "2026-11-21T06:30:00-0530",
    "2026-11-21T12:00Z",
    "2026-11-21T12:00:00",
  ]) {
    assert.equal(parseInstant(same), noon, same);
  }
});

test("impossible dates are no dates", () => {
  const wrong = [
    "2026-00-01",
    "2026-01-32",
    "2026-02-29",
    "2026-1-1",
    "26-01-01",
    "2026-01-01T24:00:00Z",
    "2026-01-01T12:60Z",
    "2026-01-01T12:00:00+1",
    "2026-01T12:00Z",
    "2026-01-01 12:00",
    "T12:00Z",
    "",
  ];
  for (const text of wrong) assert.equal(parseInstant(text), undefined, text);
  assert.notEqual(parseInstant("2028-02-29"), undefined);
});

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const number = (parts: readonly number[]): number =>
  parts.reduce((sum, part) => sum * 256 + part, 0);

test("IPv4 blocks hold exactly the addresses with the same leading bits", () => {
  fc.assert(
    fc.property(octets, octets, fc.nat(32), (base, address, prefix) => {
      const block = parseIpBlock(`${base.join(".")}/${prefix}`);
      const words = parseIp(address.join("."));
      assert.ok(block && words);
      const size = 2 ** (32 - prefix);
      const expected = Math.floor(number(base) / size) === Math.floor(number(address) / size);
      assert.equal(blockHolds(block, words), expected);
    }),
  );
});

test("an IPv6 address is the same in each of its spellings", () => {
  const spellings = [
    "2001:db8:0:0:0:0:0:1",
    "2001:db8::1",
    "2001:DB8::1",
    "2001:0db8:0000::0001",
    "2001:db8::0:0:1",
    "2001:db8::0.0.0.1",
  ];
  for (const text of spellings) assert.deepEqual(parseIp(text), parseIp("2001:db8::1"), text);
  assert.deepEqual(parseIp("::"), [0, 0, 0, 0]);
  assert.deepEqual(parseIp("::ffff:203.0.113.7"), parseIp("203.0.113.7"));
});

test("every IPv6 block holds its own addresses and not its neighbour", () => {
  const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, fc.integer({ min: 1, max: 128 }), (groups, prefix) => {
      const text = (list: readonly number[]): string =>
        list.map((group) => group.toString(16)).join(":");
      const block = parseIpBlock(`${text(groups)}/${prefix}`);
      const own = parseIp(text(groups));
      const bit = prefix - 1;
      const flipped = groups.map((group, at) =>
        at === Math.floor(bit / 16) ? group ^ (0x8000 >> (bit % 16)) : group,
      );
      const other = parseIp(text(flipped));
      if (block?.words.length === 1 || own?.length === 1 || other?.length === 1) return;
      assert.ok(block && own && other);
      assert.ok(blockHolds(block, own));
      assert.ok(!blockHolds(block, other));
    }),
  );
});

test("what is no address or block is none", () => {
  const addresses = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.-4",
    "1..2.3",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "::1%lo",
    "1::2::3",
    "::1.2.3",
    "1:2:3:4:5:6:7::8",
  ];
  for (const text of addresses) assert.equal(parseIp(text), undefined, text);
  for (const text of [
    "1.2.3.4/33",
    "1.2.3.4/",
    "1.2.3.4/-1",
    "1.2.3.4/a",
    "::/129",
    "/8",
    "1.2.3.4/8/8",
  ]) {
    assert.equal(parseIpBlock(text), undefined, text);
  }
});
