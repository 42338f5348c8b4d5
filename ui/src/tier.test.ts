import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { AnswerEvent } from "./events.ts";
import { safeHref, readableAddress } from "./links.ts";
import { NotReached, openTier, Refused, SessionOver } from "./tier.ts";

async function serve(
  listener: RequestListener,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/web/a/w`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function ask(url: string): Promise<AnswerEvent[]> {
  return Array.fromAsync(openTier(url).ask({ message: "Why?" }, new AbortController().signal));
}

test("addresses are below the page's own, with or without its last slash, without its query", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    seen.push(request.url);
    response.end("{}");
  });
  await openTier(server.url).state();
  await openTier(`${server.url}/?token=x#y`).state();
  assert.deepEqual(seen, ["/web/a/w/state", "/web/a/w/state"]);
});

test("the end of a session is told in this computer's time", async () => {
  const serverNow = Date.UTC(2026, 3, 1, 12);
  await using server = await serve((_, response) => {
    response.setHeader("date", new Date(serverNow).toUTCString());
    response.end(
      JSON.stringify({ title: "T", samplePrompts: ["a", 1], expiresAt: serverNow / 1000 + 60 }),
    );
  });
  // This computer is an hour ahead of the server.
  const now = serverNow + 3_600_000;
  const state = await openTier(server.url, () => now).state();
  assert.equal(state.expiresAt, now + 60_000);
  assert.equal(state.title, "T");
  assert.equal(state.subtitle, "");
  assert.deepEqual(state.samplePrompts, ["a"]);
});

test("a question is sent as JSON with the page's header, and events come back in order", async () => {
  await using server = await serve((request, response) => {
    assert.equal(request.headers["x-quarry-page"], "1");
    assert.equal(request.headers["content-type"], "application/json");
    response.write('{"textEvent":{"systemMessage":"A"}}\n{"other":1}\n');
    response.end('{"metadataEvent":{"finalTextMessage":"AB"}}');
  });
  const events = await ask(server.url);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["text", "final"],
  );
});

test("each way of being refused has its own error", async () => {
  const answers = new Map([
    [401, { error: SessionOver, body: '{"message":"gone"}' }],
    [429, { error: Refused, name: "ThrottlingException", body: "busy" }],
    [
      400,
      {
        error: Refused,
        name: "ValidationException",
        body: '{"error":{"name":"ValidationException"}}',
      },
    ],
    [500, { error: Refused, name: "InternalServerException", body: "<html>" }],
  ]);
  for (const [status, { error, name, body }] of answers) {
    await using server = await serve((_, response) => {
      response.writeHead(status).end(body);
    });
    await assert.rejects(ask(server.url), (thrown) => {
      assert.ok(thrown instanceof error, String(status));
      if (name !== undefined) assert.equal(thrown.name, name);
      return true;
    });
  }
});

test("a server that is not there, or goes away in the middle, was not reached", async () => {
  const gone = await serve(() => undefined);
  await gone[Symbol.asyncDispose]();
  await assert.rejects(ask(gone.url), NotReached);
  await using server = await serve((_, response) => {
    response.write('{"textEvent":{"systemMessage":"A"}}\n', () => response.destroy());
  });
  await assert.rejects(ask(server.url), NotReached);
});

test("a line that is no JSON is an error of the server", async () => {
  await using server = await serve((_, response) => response.end("<html>"));
  await assert.rejects(ask(server.url), Refused);
});

test("only http and https addresses are links", () => {
  assert.equal(safeHref("https://x.example/a b"), "https://x.example/a%20b");
  for (const address of [
    "javascript:alert(1)",
    "data:,x",
    "s3://b/k",
    "//x.example",
    "https://",
    "x",
    undefined,
  ]) {
    assert.equal(safeHref(address), undefined, address);
  }
});

test("an address is shown without what only machines read", () => {
  assert.equal(readableAddress("https://x.example/a%20b?q=1"), "x.example/a b");
  assert.equal(readableAddress("https://x.example/"), "x.example");
  assert.equal(readableAddress("https://x.example/%ff"), "x.example/%ff");
});
