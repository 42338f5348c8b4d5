import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, get, type RequestListener } from "node:http";
import { createServer as createSecureServer, get as getSecurely } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createObjectStore, type ListPage } from "../objects/objects.ts";
import { startPlainS3Server } from "../objects/plain-s3-server.test.ts";
import { allowList } from "./allow-list.ts";
import type { Resolve } from "./dial.ts";
import { type Egress, openEgress } from "./egress.ts";
import { post } from "./post.ts";
import { startHttpProxy } from "./testing/proxies.ts";

async function listening(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
      await once(server, "close");
    },
  };
}

const answering = (listener: RequestListener) => listening(createServer(listener));

/** Every name is this machine, but for one that is where metadata is. */
const resolve: Resolve = async (name) =>
  name.startsWith("metadata") ? ["169.254.169.254"] : ["127.0.0.1"];

const message = (body = "hello") => ({
  headers: [["content-type", "text/plain"]] as const,
  body,
  answerBytesMax: 1000,
  signal: AbortSignal.timeout(5_000),
});

test("a message is sent and its answer read, over one connection and by name", async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    request.setEncoding("utf8");
    request.once("data", (text: string) => response.end(`${request.headers.host} ${text}`));
  });
  server.on("connection", () => (connections += 1));
  await using site = await listening(server);
  const { agents, close } = openEgress({ resolve });
  const url = new URL(`http://function.example:${site.port}/path`);
  for (const body of ["one", "two"]) {
    const posted = await post(agents, url, message(body));
    assert.equal(posted.status, 200);
    assert.equal(posted.body?.toString(), `function.example:${site.port} ${body}`);
  }
  assert.equal(connections, 1, "connections are kept");
  close();
  await assert.rejects(post(agents, url, message()), { code: "ERR_EGRESS_REFUSED" });
});

test("answers that are too long, break off, do not come or lead elsewhere are told", async () => {
  await using site = await answering((request, response) => {
    request.resume();
    if (request.url === "/long") response.end("x".repeat(1001));
    else if (request.url === "/cut") {
      response.writeHead(200, { "content-length": 10 });
      response.write("x", () => response.destroy());
    } else if (request.url === "/elsewhere") {
      response.writeHead(302, { location: "http://metadata.example/" }).end();
    }
  });
  const { agents, close } = openEgress({ resolve });
  const at = (path: string) => new URL(`http://localhost:${site.port}${path}`);
  assert.equal((await post(agents, at("/long"), message())).body, undefined);
  await assert.rejects(post(agents, at("/cut"), message()));
  assert.equal((await post(agents, at("/elsewhere"), message())).status, 302);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(post(agents, at("/never"), { ...message(), signal }));
  await assert.rejects(post(agents, new URL("http://metadata.example/"), message()), {
    code: "ERR_EGRESS_REFUSED",
  });
  const aborted = { ...message(), signal: AbortSignal.abort() };
  await assert.rejects(post(agents, at("/long"), aborted), { name: "AbortError" });
  close();
});

async function listed(egress: Egress, endpoint: string): Promise<readonly ListPage[]> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const retries = { attemptsMax: 2, delayMsBase: 1 };
  await using objects = createObjectStore({
    buckets: {},
    s3: { endpoint, region: "us-east-1", credentials, retries, timeouts: { connectMs: 100 } },
  });
  await using through = objects.through(egress.agents);
  const pages: ListPage[] = [];
  for await (const page of through.list({ bucket: "books", prefix: "" })) pages.push(page);
  return pages;
}

test("an S3 client with these agents has no other way", async () => {
  await using store = await startPlainS3Server("books");
  store.objects.set("a.txt", Buffer.from("a"));
  const port = Number(new URL(store.endpoint).port);
  await using proxy = await startHttpProxy();
  const destination = { network: "127.0.0.0", prefixBits: 8, portFirst: port, portLast: port };
  const proxies = [`http://127.0.0.1:${proxy.port}`];
  const egress = openEgress({ resolve, proxies, allows: allowList([destination]) });
  const endpoint = `http://store.example:${port}`;
  const [page] = await listed(egress, endpoint);
  assert.equal(page?.kind === "page" && page.objects[0]?.key, "a.txt");
  assert.deepEqual(new Set(proxy.asked), new Set([`127.0.0.1:${port}`]));
  // A name that leads to metadata, and a port that is not listed.
  for (const [refused, words] of [
    [`http://metadata.example:${port}`, /link-local/],
    [`http://store.example:${proxy.port}`, /no security group allows 127\.0\.0\.1/],
  ] as const) {
    const [failed] = await listed(
      openEgress({ resolve, allows: allowList([destination]) }),
      refused,
    );
    assert.ok(failed?.kind === "failed");
    assert.equal(failed.failure.kind, "denied");
    assert.match(failed.failure.message, words);
  }
  // The first zone's proxy takes connections and says nothing, longer than the client would wait.
  await using silent = await listening(createTcpServer(() => undefined));
  const zones = [`http://127.0.0.1:${silent.port}`, ...proxies];
  const [late] = await listed(openEgress({ resolve, proxies: zones, connectMs: 400 }), endpoint);
  assert.equal(late?.kind, "page");
  proxy.answer = 503;
  const asked = proxy.asked.length;
  const [unreachable] = await listed(openEgress({ resolve, proxies }), endpoint);
  assert.equal(unreachable?.kind === "failed" && unreachable.failure.kind, "unreachable");
  assert.equal(proxy.asked.length - asked, 2, "what may pass is tried again");
});

test("TLS goes from end to end, and the certificate is compared with the name", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-agents-"));
  try {
    const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const subject = ["-subj", "/CN=store.example", "-addext", "subjectAltName=DNS:store.example"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const into = ["-keyout", keyFile, "-out", certificateFile];
    const made = spawnSync("openssl", ["req", "-x509", ...kind, ...into, ...subject]);
    if (made.status !== 0) return t.skip("openssl is not here to make a certificate");
    const [key, cert] = await Promise.all([readFile(keyFile), readFile(certificateFile)]);
    const server = createSecureServer({ key, cert }, (_request, response) => response.end("safe"));
    await using site = await listening(server);
    await using proxy = await startHttpProxy();
    const { agents, close } = openEgress({ resolve, proxies: [`http://127.0.0.1:${proxy.port}`] });
    const read = async (host: string): Promise<string> => {
      const request = getSecurely({ host, port: site.port, agent: agents.https, ca: cert });
      const [response] = (await once(request, "response")) as [AsyncIterable<Buffer>];
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    };
    assert.equal(await read("store.example"), "safe");
    await assert.rejects(read("other.example"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    await assert.rejects(read("127.0.0.1"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    assert.deepEqual(new Set(proxy.asked), new Set([`127.0.0.1:${site.port}`]));
    const plain = get({ host: "store.example", port: site.port, agent: agents.http });
    await assert.rejects(once(plain, "response"), "a TLS port is no HTTP port");
    close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
