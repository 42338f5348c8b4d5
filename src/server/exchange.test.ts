import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { send } from "./exchange.ts";

test("texts of any characters arrive as UTF-8, as long as they say", async () => {
  let body = "";
  const server = createServer((_, response) => {
    void send(response, { status: 200, headers: { "x-kind": "text" }, body });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const units = fc.constantFrom("grapheme", "binary", "grapheme-ascii", "binary-ascii");
  const text = units.chain((unit) => fc.string({ unit, maxLength: 40 }));
  const law = fc.asyncProperty(text, async (value) => {
    body = value;
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.deepEqual(bytes, Buffer.from(value, "utf8"));
    assert.equal(answer.headers.get("content-length"), String(bytes.length));
  });
  try {
    await fc.assert(law, { numRuns: 100, examples: [["é"], ["ÿ\u0080"], ["\u{1F600}"], [""]] });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
