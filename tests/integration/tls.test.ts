import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { Agent } from "node:https";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { ListApplicationsCommand, QBusinessClient } from "@aws-sdk/client-qbusiness";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { testServer } from "../support/test-server.ts";

test("the port speaks TLS with a given certificate, HTTP/2 and HTTP/1.1 by ALPN", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-tls-"));
  try {
    const files = {
      certificateFile: join(folder, "certificate.pem"),
      keyFile: join(folder, "key.pem"),
    };
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const into = ["-keyout", files.keyFile, "-out", files.certificateFile, "-days", "2"];
    const made = spawnSync("openssl", ["req", "-x509", ...kind, ...into, ...subject]);
    if (made.status !== 0) return t.skip("openssl is not here to make a certificate");
    const ca = await readFile(files.certificateFile, "utf8");
    await using server = await testServer({ tls: files });
    assert.match(server.url, /^https:/);
    const { hostname, port } = new URL(server.url);
    const where = { host: hostname, port: Number(port), ca };

    for (const [offered, agreed] of [
      [["h2", "http/1.1"], "h2"],
      [["http/1.1"], "http/1.1"],
    ] as const) {
      const socket = connectTls({ ...where, ALPNProtocols: [...offered] });
      await once(socket, "secureConnect");
      assert.equal(socket.alpnProtocol, agreed);
      socket.destroy();
    }
    const basics = {
      endpoint: server.url,
      region: "us-east-1",
      credentials: server.rootKey,
      maxAttempts: 1,
    };
    const overHttp1 = new NodeHttpHandler({ httpsAgent: new Agent({ ca }) });
    const client = new QBusinessClient({ ...basics, requestHandler: overHttp1 });
    assert.deepEqual((await client.send(new ListApplicationsCommand({}))).applications, []);
    client.destroy();

    const socket = connectTls({ ...where, ALPNProtocols: ["h2"] });
    await once(socket, "secureConnect");
    const session = connectHttp2(server.url, { createConnection: () => socket });
    const stream = session.request({ ":path": "/health" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    session.destroy();

    const old = connectTls({ ...where, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
    const [refused] = (await once(old, "error")) as [Error];
    assert.ok(refused);
    const clear = connectTcp(Number(port), hostname);
    clear.on("error", () => undefined);
    clear.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    let text = "";
    clear.on("data", (part: Buffer) => (text += part.toString("latin1")));
    await once(clear, "close");
    assert.doesNotMatch(text, /200 OK/);

    // A handshake that never comes to an end must not hold up the server's.
    const silent = connectTcp(Number(port), hostname);
    silent.on("error", () => undefined);
    await once(silent, "connect");
    const started = performance.now();
    await server.close();
    assert.ok(performance.now() - started < 5_000);
    silent.destroy();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
