import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Destination } from "../core/network-config.ts";
import { canonicalAddress } from "./addresses.ts";
import { allowList } from "./allow-list.ts";

const to = (network: string, prefixBits: number, portFirst: number, portLast = portFirst) => ({
  network,
  prefixBits,
  portFirst,
  portLast,
});

test("one destination that holds address and port is enough, none allows nothing", () => {
  const allows = allowList([to("10.0.0.0", 8, 443), to("2001:db8::", 32, 8000, 9000)]);
  assert.equal(allows("10.255.0.1", 443), true);
  assert.equal(allows("10.255.0.1", 444), false);
  assert.equal(allows("11.0.0.1", 443), false);
  assert.equal(allows("2001:db8:ffff::1", 8000), true);
  assert.equal(allows("2001:db8:ffff::1", 9000), true);
  assert.equal(allows("2001:db8:ffff::1", 9001), false);
  assert.equal(allowList([])("10.0.0.1", 443), false);
  assert.equal(allowList([to("::", 0, 0, 65_535)])("10.0.0.1", 443), false, "not of its version");
  assert.equal(allowList([to("0.0.0.0", 0, 0, 65_535)])("2001:db8::1", 443), false);
});

/** The same, by numbers. */
function plainAllows(destinations: readonly Destination[], address: string, port: number): boolean {
  return destinations.some(({ network, prefixBits, portFirst, portLast }) => {
    const [one, other] = [numberOf(network), numberOf(address)];
    if (one.bits !== other.bits || port < portFirst || port > portLast) return false;
    const shift = BigInt(one.bits - prefixBits);
    return one.value >> shift === other.value >> shift;
  });
}

function numberOf(address: string): { bits: number; value: bigint } {
  if (!address.includes(":")) {
    const value = address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { bits: 32, value };
  }
  const [left = "", right = ""] = address.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const missing = 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array.from({ length: missing }, () => "0"), ...groups(right)];
  const hex = all.map((group) => group.padStart(4, "0")).join("");
  return { bits: 128, value: BigInt(`0x${hex}`) };
}

test("the compiled list agrees with arithmetic on numbers", () => {
  const part = fc.constantFrom(0, 1, 10, 127, 128, 255);
  const version4 = fc.tuple(part, part, part, part).map((parts) => parts.join("."));
  const version6 = fc
    .array(fc.constantFrom(0, 1, 0xfe80, 0x2001, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(":"));
  const address = fc
    .oneof(version4, version6)
    .map((text) => canonicalAddress(text) ?? assert.fail(text));
  const port = fc.integer({ min: 0, max: 12 });
  const destination = fc
    .tuple(address, fc.integer({ min: 0, max: 128 }), port, port)
    .map(([network, bits, one, other]) =>
      to(
        network,
        network.includes(":") ? bits : bits % 33,
        Math.min(one, other),
        Math.max(one, other),
      ),
    );
  let allowed = 0;
  fc.assert(
    fc.property(fc.array(destination, { maxLength: 4 }), address, port, (list, where, at) => {
      const expected = plainAllows(list, where, at);
      if (expected) allowed += 1;
      assert.equal(allowList(list)(where, at), expected, `${where} ${at}`);
    }),
    { numRuns: 2000 },
  );
  assert.ok(allowed > 50, `${allowed} of them were allowed`);
});
