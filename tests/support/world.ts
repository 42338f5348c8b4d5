import assert from "node:assert/strict";
import type { ServerConfig } from "../../src/core/server-config.ts";
import { type FolderBucket, folderBuckets } from "./folder-bucket.ts";
import { makeSite, makeSource, type Site, type Source } from "./site.ts";
import { testServer, type TestServer } from "./test-server.ts";

/** A server with many empty buckets, shared by the tests of a file; each takes what it needs. */
export type World = {
  readonly server: TestServer;
  /** A bucket that no other test of the file has. */
  readonly bucket: () => FolderBucket;
  readonly site: () => Promise<Site>;
  /** A site with a data source over an own bucket that holds `files`. */
  readonly source: (
    files?: Readonly<Record<string, string>>,
    settings?: Parameters<typeof makeSource>[2],
  ) => Promise<Source & { readonly files: FolderBucket }>;
  readonly close: () => Promise<void>;
};

/** Boots a server with `bucketCount` buckets. */
export async function openWorld(
  bucketCount = 40,
  config: Partial<ServerConfig> = {},
): Promise<World> {
  const made = await folderBuckets(bucketCount);
  const buckets = Object.fromEntries(made.buckets.map(({ name, folder }) => [name, folder]));
  const server = await testServer({ ...config, buckets: { ...buckets, ...config.buckets } });
  let taken = 0;
  const bucket = (): FolderBucket => {
    taken += 1;
    return made.buckets[taken - 1] ?? assert.fail("The world has no bucket left; open more.");
  };
  const site = (): Promise<Site> => makeSite(server);
  return {
    server,
    bucket,
    site,
    source: async (content = {}, settings = {}) => {
      const files = bucket();
      for (const [key, text] of Object.entries(content)) await files.put(key, text);
      return { ...(await makeSource(await site(), files.name, settings)), files };
    },
    close: async () => {
      await server[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}
