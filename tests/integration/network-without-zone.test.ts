import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { GetDataSourceCommand, UpdateDataSourceCommand } from "@aws-sdk/client-qbusiness";
import { startChild } from "../support/child-server.ts";
import { makeSite, makeSource, pathOf, sync } from "../support/site.ts";
import { bucket, direct, env, makeZoned, messageOf, networkOf, open } from "../support/zoned.ts";

test("without a zone no link-local address is reached, neither asked for nor by a redirect", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-zone-"));
  let redirected = 0;
  const elsewhere = createServer((_request, response) => {
    redirected += 1;
    response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data/" }).end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  const { port } = elsewhere.address() as AddressInfo;
  const refused = /is refused: .* is a link-local address or one of a metadata service/;
  try {
    for (const [s3Endpoint, words] of [
      ["http://169.254.169.254", refused],
      ["http://[::ffff:a9fe:a9fe]:80", refused],
      [`http://127.0.0.1:${port}`, /Bucket "zone-bucket"/],
    ] as const) {
      const server = await startChild(dataDir, {}, { s3Endpoint, env });
      try {
        const job = await sync(await makeSource(await makeSite(server), bucket));
        assert.equal(job.status, "FAILED");
        assert.match(messageOf(job), words);
      } finally {
        await server.stop();
      }
    }
    assert.equal(redirected, 1);
  } finally {
    elsewhere.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test("a data source whose zone is gone keeps its name changeable, and its sync says why it fails", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-zone-"));
  let server = await startChild(dataDir, {}, { network: networkOf(1, []) });
  try {
    const source = await makeZoned(await makeSite(server), direct, open);
    await server.stop();
    server = await startChild(dataDir, {});
    const { client } = await makeSite(server);
    const update = { ...pathOf(source), displayName: "renamed" };
    await client.send(new UpdateDataSourceCommand(update));
    const found = await client.send(new GetDataSourceCommand(pathOf(source)));
    assert.equal(found.displayName, "renamed");
    assert.deepEqual(found.vpcConfiguration?.subnetIds, [direct]);
    const job = await sync({ ...source, client });
    assert.deepEqual(
      [job.status, job.dataSourceErrorCode, messageOf(job)],
      ["FAILED", "InvalidSubnetID.NotFound", `The subnet ID '${direct}' does not exist.`],
    );
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
