import assert from "node:assert/strict";
import { operations, structureOf } from "../../src/contract/contract.ts";
import type { OperationName } from "../../src/contract/contract.ts";
import type { Frame, HeaderValue, RawInput } from "../../src/wire/wire.ts";

/** A value as data that can be compared: bytes as text, dates kept, undefined members dropped. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString("hex")}`;
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item)]));
}

/** A value as clients write it into JSON. Works on the values, not on the contract. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.getTime() / 1000;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]));
}

function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** An input as it arrives, without a client in between. */
export function rawInput(
  operation: OperationName,
  input: Readonly<Record<string, unknown>>,
): RawInput {
  const { members } = structureOf(operations[operation].input);
  const labels: Record<string, string> = {};
  const query = new Map<string, readonly string[]>();
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const place = members[name]?.in;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (place === "path") labels[name] = String(value);
    else if (place === "query") query.set(members[name]?.as ?? name, values.map(toText));
    else body[name] = toJson(value);
  }
  return { labels, query, isMalformed: false, body: Buffer.from(JSON.stringify(body)) };
}

/** An event of a Chat request as its frame, given as `{ [type]: payload }`. */
export function eventFrame(event: Readonly<Record<string, unknown>>): Frame {
  const [type, payload] = Object.entries(event)[0] ?? assert.fail("no event");
  const text = (value: string): HeaderValue => ({ type: "string", value });
  return {
    headers: new Map([
      [":message-type", text("event")],
      [":event-type", text(type)],
      [":content-type", text("application/json")],
    ]),
    payload: Buffer.from(JSON.stringify(toJson(payload))),
  };
}
