import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isFetchable } from "./oidc-addresses.ts";
import { createFetchDocument, FetchProblem } from "./oidc-fetch.ts";

/** A server on loopback, at whose address an issuer would be. */
async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly url: URL }> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/document`),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const trusted = { isTrusted: true };

async function problemOf(answer: Promise<unknown>): Promise<string> {
  const error: unknown = await answer.then(
    () => assert.fail("The document was taken."),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FetchProblem, String(error));
  return error.message;
}

test("addresses of the machine, of its neighbours and of clouds' metadata are no issuers'", () => {
  const refused = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.0.192",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "fe80::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "ff02::1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fe80::1%eth0",
    "localhost",
    "",
    "169.254.169.254.",
    "0x7f000001",
  ];
  for (const address of refused) assert.equal(isFetchable(address), false, address);
  const taken = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "203.0.113.7",
    "100.100.100.201",
    "192.0.1.1",
    "2001:db8::1",
    "fd12:3456::1",
    "::ffff:203.0.113.7",
  ];
  for (const address of taken) assert.equal(isFetchable(address), true, address);
});

test("a document is read from where the operator allows it, with nothing sent along", async () => {
  const seen: string[] = [];
  await using server = await serve((request, response) => {
    seen.push(`${request.method} ${request.url}`, ...Object.keys(request.headers).toSorted());
    response.end('{"issuer":"me"}');
  });
  assert.deepEqual(await createFetchDocument()(server.url, trusted), { issuer: "me" });
  assert.deepEqual(seen, ["GET /document", "accept", "connection", "host"]);
});

test("without the operator's word only https is spoken, and not to this machine", async () => {
  await using server = await serve((_request, response) => response.end("{}"));
  const fetchDocument = createFetchDocument();
  const plain = { isTrusted: false };
  assert.match(await problemOf(fetchDocument(server.url, plain)), /must be asked by https/);
  const { port } = server.url;
  for (const host of [
    "127.0.0.1",
    "[::1]",
    "localhost",
    "2130706433",
    "0x7f.1",
    "[::ffff:7f00:1]",
  ]) {
    const url = new URL(`https://${host}:${port}/`);
    assert.match(await problemOf(fetchDocument(url, plain)), /does not fetch from/, host);
  }
  const secret = new URL("https://me:secret@id.example.com/");
  assert.equal(
    await problemOf(fetchDocument(secret, trusted)),
    "The address must not hold credentials.",
  );
});

test("what is no small document of JSON is refused: redirects, failures, floods, silence", async () => {
  const answers: readonly (readonly [string, RequestListener, RegExp])[] = [
    [
      "redirect",
      (_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      /answered with status 302/,
    ],
    ["missing", (_, response) => response.writeHead(404).end("{}"), /answered with status 404/],
    ["text", (_, response) => response.end("<html>"), /is no JSON/],
    [
      "flood",
      (_, response) => {
        const pour = (): void => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
        };
        response.on("drain", pour);
        response.on("error", () => undefined);
        pour();
      },
      /sent more than 256 KiB/,
    ],
    ["silence", () => undefined, /did not answer in time/],
    [
      "drip",
      (_, response) => {
        const timer = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(timer));
      },
      /did not answer in time/,
    ],
    [
      "broken",
      (_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("{", () => response.destroy());
      },
      /could not be reached/,
    ],
  ];
  const fetchDocument = createFetchDocument({ timeoutMs: 300 });
  for (const [name, listener, message] of answers) {
    await using server = await serve(listener);
    assert.match(await problemOf(fetchDocument(server.url, trusted)), message, name);
  }
});
