import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startChild } from "../support/child-server.ts";
import { makeSite, makeSource, sync } from "../support/site.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a server started from its clients' shell does not look for buckets at its own door", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-own-address-"));
  const port = await freePort();
  const keys = { AWS_ACCESS_KEY_ID: "AKIACLIENT", AWS_SECRET_ACCESS_KEY: "secret" };
  const env = { ...keys, AWS_ENDPOINT_URL: `http://localhost:${port}` };
  const server = await startChild(dataDir, {}, { port, env });
  try {
    const job = await sync(await makeSource(await makeSite(server), "not-there"));
    assert.equal(job.status, "FAILED");
    assert.match(job.error?.errorMessage ?? "", /There is no bucket "not-there"\./);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
