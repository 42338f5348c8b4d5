import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonicalAddress, isReserved } from "./addresses.ts";

test("an address of version 4 in the clothes of version 6 counts as version 4", () => {
  for (const [text, canonical] of [
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:0a00:0001", "10.0.0.1"],
    ["0:0:0:0:0:ffff:a9fe:a9fe", "169.254.169.254"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::1", "::1"],
    ["::", "::"],
    ["fe80::1%eth0", undefined],
    ["10.0.0", undefined],
    ["0x7f.0.0.1", undefined],
    ["example.com", undefined],
    ["", undefined],
  ] as const) {
    assert.equal(canonicalAddress(text), canonical, text);
  }
});

test("link-local and metadata addresses are known in every disguise", () => {
  const bad = [
    "169.254.169.254",
    "169.254.0.0",
    "169.254.255.255",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fe80::1",
    "febf:ffff::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::169.254.169.254",
    "::ffff:0:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::169.254.169.254",
    // 169.254.169.254 behind a prefix of 48 bits (RFC 6052 §2.2).
    "64:ff9b:1:a9fe:a9:fe00::",
    "2002:a9fe:a9fe::1",
  ];
  for (const text of bad) assert.equal(isReserved(canonicalAddress(text) ?? ""), true, text);
  const good = [
    "127.0.0.1",
    "10.1.2.3",
    "169.253.255.255",
    "169.255.0.0",
    "8.8.8.8",
    "::1",
    "::",
    "fec0::1",
    "fe00::1",
    "2001:db8::a9fe:a9fe",
    "64:ff9b::0a00:0001",
    "2002:0a00:0001::1",
    "fd00:ec3::254",
  ];
  for (const text of good) assert.equal(isReserved(canonicalAddress(text) ?? ""), false, text);
});

test("no spelling of an address changes what it is", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), fc.boolean(), ([a, b, c, d], isHex) => {
      const plain = `${a}.${b}.${c}.${d}`;
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const tail = isHex ? hex : plain;
      const isLinkLocal = a === 169 && b === 254;
      assert.equal(canonicalAddress(`::ffff:${tail}`), plain);
      for (const text of [plain, `::ffff:${tail}`, `64:ff9b::${tail}`, `::ffff:0:${tail}`]) {
        if (isLinkLocal) assert.equal(isReserved(canonicalAddress(text) ?? ""), true, text);
      }
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }),
      (groups) => {
        const full = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
        const canonical = canonicalAddress(full) ?? assert.fail(full);
        assert.equal(canonicalAddress(canonical), canonical);
        const isLinkLocal = ((groups[0] ?? 0) & 0xffc0) === 0xfe80;
        if (isLinkLocal) assert.equal(isReserved(canonical), true, full);
      },
    ),
  );
});
