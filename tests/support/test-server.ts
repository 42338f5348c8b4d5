import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningServer, ServerConfig } from "../../src/core/server-config.ts";
import { serve } from "../../src/main.ts";

/** A whole server on a free port, with a data directory of its own that goes with it. */
export type TestServer = AsyncDisposable & RunningServer & { readonly dataDir: string };

/**
 * Boots a server as `quarry serve` would: real database, real search, real sockets.
 *
 *     await using server = await testServer({ buckets: { docs: folder } });
 */
export async function testServer(config: Partial<ServerConfig> = {}): Promise<TestServer> {
  const dataDir = config.dataDir ?? (await mkdtemp(join(tmpdir(), "quarry-test-")));
  const server = await serve({
    host: "127.0.0.1",
    port: 0,
    accountId: "111122223333",
    region: "us-east-1",
    buckets: {},
    logLevel: "error",
    ...config,
    dataDir,
  });
  return {
    ...server,
    dataDir,
    async [Symbol.asyncDispose]() {
      await server.close();
      if (config.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
