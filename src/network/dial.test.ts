import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { allowList } from "./allow-list.ts";
import { type Attempted, createDial, type Dial, type Resolve } from "./dial.ts";
import { startHttpProxy, startSocksProxy } from "./testing/proxies.ts";

const echo = createServer((socket: Socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
let port = 0;

before(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  port = (echo.address() as AddressInfo).port;
});
after(() => echo.close());

/** What comes back through a connection, which is closed then. */
async function echoed(dial: Dial, host: string): Promise<string> {
  const socket = await dial(host, port);
  socket.end("hello");
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

const names = (answers: Readonly<Record<string, readonly string[]>>): Resolve => {
  return async (name) => answers[name] ?? assert.fail(`nobody should ask for ${name}`);
};

const loopback = () =>
  allowList([{ network: "127.0.0.0", prefixBits: 8, portFirst: port, portLast: port }]);
const refused = { name: "EgressRefused", code: "ERR_EGRESS_REFUSED" };

test("without a zone everything is reached but link-local and metadata addresses", async () => {
  const dial = createDial({});
  assert.equal(await echoed(dial, "127.0.0.1"), "hello");
  assert.equal(await echoed(dial, "localhost"), "hello");
  assert.equal(await echoed(dial, "::ffff:127.0.0.1"), "hello");
  for (const host of [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fd00:ec2::254",
    "fe80::1",
    "64:ff9b::a9fe:a9fe",
  ]) {
    await assert.rejects(dial(host, 80), { ...refused, message: /link-local .* metadata/ }, host);
  }
});

test("answers of names are checked, and one bad answer condemns a name", async () => {
  const resolve = names({
    "good.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["127.0.0.1", "fe80::1"],
    "scoped.example": ["fe80::1%lo"],
    "empty.example": [],
  });
  const records: Attempted[] = [];
  const dial = createDial({ resolve, record: (attempted) => records.push(attempted) });
  assert.equal(await echoed(dial, "good.example"), "hello");
  assert.equal(await echoed(dial, "mapped.example"), "hello");
  for (const host of ["metadata.example", "mixed.example", "scoped.example"]) {
    await assert.rejects(dial(host, port), { ...refused, message: new RegExp(host) });
  }
  await assert.rejects(dial("empty.example", port), { ...refused, message: /has no address/ });
  assert.deepEqual(
    records.map(({ host, addresses, refusal }) => [host, addresses, refusal === undefined]),
    [
      ["good.example", ["127.0.0.1"], true],
      ["mapped.example", ["127.0.0.1"], true],
      ["metadata.example", ["169.254.169.254"], false],
      ["mixed.example", ["127.0.0.1", "fe80::1"], false],
      ["scoped.example", ["fe80::1%lo"], false],
      ["empty.example", [], false],
    ],
  );
});

test("spellings of numbers that the system understands are judged by what they mean", async () => {
  const dial = createDial({ connectMs: 2_000 });
  // Resolvers read these as 169.254.169.254; those that do not, find no such name.
  for (const host of ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376"]) {
    await assert.rejects(dial(host, 80), (error: Error & { code?: string }) => {
      assert.match(error.code ?? "", /ERR_EGRESS_REFUSED|ENOTFOUND|EAI_AGAIN/, host);
      return true;
    });
  }
});

test("an allow list decides by the answer, and the connection goes to what was checked", async () => {
  let asked = 0;
  // The second answer would lead elsewhere: a name that is rebound.
  const resolve: Resolve = async () => {
    asked += 1;
    return asked === 1 ? ["127.0.0.1"] : ["10.9.9.9"];
  };
  const dial = createDial({ resolve, allows: loopback() });
  assert.equal(await echoed(dial, "rebound.example"), "hello");
  assert.equal(asked, 1, "a name is resolved once for a connection");
  await assert.rejects(dial("rebound.example", port), {
    ...refused,
    message: /no security group allows 10\.9\.9\.9/,
  });
  await assert.rejects(dial("127.0.0.1", port + 1), refused, "another port");
  const mixed = createDial({
    allows: loopback(),
    resolve: names({ "mixed.example": ["10.9.9.9", "127.0.0.1"] }),
  });
  assert.equal(await echoed(mixed, "mixed.example"), "hello", "what is allowed is used");
});

test("even an allow list opens no link-local address", async () => {
  const everywhere = allowList([
    { network: "0.0.0.0", prefixBits: 0, portFirst: 0, portLast: 65_535 },
  ]);
  const dial = createDial({ allows: everywhere });
  await assert.rejects(dial("169.254.169.254", 80), refused);
});

test("the next address is tried where one cannot be reached", async () => {
  const resolve = names({ "two.example": ["127.0.0.2", "127.0.0.1"] });
  assert.equal(await echoed(createDial({ resolve }), "two.example"), "hello");
  const closed = createDial({ resolve: names({ "none.example": ["127.0.0.2", "127.0.0.3"] }) });
  await assert.rejects(closed("none.example", port), { code: "ECONNREFUSED" });
});

test("a name that is not resolved in time is an error", async () => {
  const dial = createDial({ resolve: () => new Promise(() => undefined), connectMs: 50 });
  await assert.rejects(dial("slow.example", port), { code: "ETIMEDOUT" });
});

test("an HTTP proxy gets the address that was checked, and carries bytes both ways", async () => {
  await using proxy = await startHttpProxy();
  proxy.early = "early ";
  const dial = createDial({
    proxies: [`http://us%40er:se%3Acret@127.0.0.1:${proxy.port}`],
    allows: loopback(),
    resolve: names({ "bucket.example": ["127.0.0.1"], "far.example": ["10.9.9.9"] }),
  });
  assert.equal(await echoed(dial, "bucket.example"), "early hello");
  assert.deepEqual(proxy.asked, [`127.0.0.1:${port}`]);
  assert.deepEqual(proxy.logins, [`Basic ${Buffer.from("us@er:se:cret").toString("base64")}`]);
  await assert.rejects(dial("far.example", port), refused);
  assert.equal(proxy.asked.length, 1, "the proxy is not asked for what is refused here");
});

test("what a proxy answers is told apart: forbidden for good, or failed for now", async () => {
  await using proxy = await startHttpProxy();
  const dial = createDial({ proxies: [`http://name:secret@127.0.0.1:${proxy.port}`] });
  for (const answer of [403, 407]) {
    proxy.answer = answer;
    await assert.rejects(dial("127.0.0.1", port), (error: Error) => {
      assert.equal(error.name, "EgressRefused");
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
  proxy.answer = 503;
  await assert.rejects(dial("127.0.0.1", port), { name: "ProxyFailed", code: "EHOSTUNREACH" });
});

test("a proxy that does not answer, or is not there, gives way to the next zone's", async () => {
  await using proxy = await startHttpProxy();
  const silent = createServer(() => undefined);
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port: silentPort } = silent.address() as AddressInfo;
  try {
    const proxies = [`http://127.0.0.1:${silentPort}`, `http://127.0.0.1:${proxy.port}`];
    assert.equal(await echoed(createDial({ proxies, connectMs: 200 }), "127.0.0.1"), "hello");
    const only = createDial({ proxies: proxies.slice(0, 1), connectMs: 100 });
    await assert.rejects(only("127.0.0.1", port), { code: "ETIMEDOUT" });
    const gone = createDial({ proxies: ["http://127.0.0.1:1"] });
    await assert.rejects(gone("127.0.0.1", port), { code: "ECONNREFUSED" });
  } finally {
    silent.close();
  }
});

test("a SOCKS5 proxy carries bytes both ways, with and without a login", async () => {
  await using open = await startSocksProxy();
  const dial = createDial({ proxies: [`socks5://127.0.0.1:${open.port}`] });
  assert.equal(await echoed(dial, "localhost"), "hello");
  assert.deepEqual(open.asked, [`127.0.0.1:${port}`]);
  open.answer = 2;
  await assert.rejects(dial("127.0.0.1", port), refused);
  open.answer = 4;
  await assert.rejects(dial("127.0.0.1", port), { name: "ProxyFailed" });
  await using closed = await startSocksProxy({ needsLogin: true });
  const login = (pair: string) =>
    createDial({ proxies: [`socks5://${pair}127.0.0.1:${closed.port}`] });
  assert.equal(await echoed(login("user:word@"), "127.0.0.1"), "hello");
  await assert.rejects(login("user:wrong@")("127.0.0.1", port), refused);
  await assert.rejects(login("")("127.0.0.1", port), refused);
});
