// IP addresses and blocks, by numbers. IPv4-mapped IPv6 addresses count as IPv4, so that a caller
// on a dual-stack socket is the same caller.

import { isDigits } from "./decimal.ts";

/** Four 32-bit words for IPv6, one for IPv4. */
type Words = readonly number[];

export interface IpBlock {
  readonly words: Words;
  readonly prefixLength: number;
}

/** An address; undefined when the text is none. */
export function parseIp(text: string): Words | undefined {
  if (!text.includes(":")) return parseV4(text);
  const words = parseV6(text);
  return words !== undefined && isMapped(words) ? words.slice(3) : words;
}

/** A block such as `203.0.113.0/24`; an address alone is a block of one. Host bits are ignored. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const isV6Text = address.includes(":");
  const words = isV6Text ? parseV6(address) : parseV4(address);
  if (words === undefined) return undefined;
  const bits = words.length * 32;
  if (slash < 0) return normalised({ words, prefixLength: bits });
  const prefix = text.slice(slash + 1);
  if (!isDigits(prefix) || prefix.length > 3 || Number(prefix) > bits) return undefined;
  return normalised({ words, prefixLength: Number(prefix) });
}

function normalised(block: IpBlock): IpBlock {
  if (block.words.length === 1 || !isMapped(block.words) || block.prefixLength < 96) return block;
  return { words: block.words.slice(3), prefixLength: block.prefixLength - 96 };
}

/** Whether the block holds the address; IPv4 is never inside an IPv6 block. */
export function blockHolds(block: IpBlock, address: Words): boolean {
  if (block.words.length !== address.length) return false;
  let bits = block.prefixLength;
  for (let at = 0; at < address.length && bits > 0; at += 1, bits -= 32) {
    const shift = bits >= 32 ? 0 : 32 - bits;
    if ((block.words[at] ?? 0) >>> shift !== (address[at] ?? 0) >>> shift) return false;
  }
  return true;
}

function parseV4(text: string): Words | undefined {
  const parts = text.split(".", 5);
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    // Leading zeros mean octal to some readers, so nobody may use them.
    if (!isDigits(part) || part.length > 3 || (part.length > 1 && part.startsWith("0"))) {
      return undefined;
    }
    if (Number(part) > 255) return undefined;
    word = word * 256 + Number(part);
  }
  return [word];
}

function parseV6(text: string): Words | undefined {
  const lastColon = text.lastIndexOf(":");
  let tail = text.slice(lastColon + 1);
  let head = text.slice(0, lastColon + 1);
  if (tail.includes(".")) {
    const word = parseV4(tail)?.[0];
    if (word === undefined) return undefined;
    tail = (word & 0xffff).toString(16);
    head += `${(word >>> 16).toString(16)}:`;
  }
  const [before = "", after, more] = (head + tail).split("::", 3);
  if (more !== undefined) return undefined;
  const left = parseGroups(before);
  const right = after === undefined ? [] : parseGroups(after);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return [0, 2, 4, 6].map((at) => (groups[at] ?? 0) * 65_536 + (groups[at + 1] ?? 0));
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":", 9);
  if (groups.length > 8 || !groups.every(isGroup)) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function isGroup(text: string): boolean {
  if (text.length < 1 || text.length > 4) return false;
  return [...text].every((digit) => "0123456789abcdefABCDEF".includes(digit));
}

function isMapped(words: Words): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}
