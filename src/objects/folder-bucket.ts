import { realpath, stat } from "node:fs/promises";
import { namesMax, walkFolder } from "./folder-list.ts";
import { etagOf, openObject } from "./folder-path.ts";
import {
  failed,
  pageObjectsMax,
  type Failed,
  type FailureKind,
  type GetRequest,
  type ListedObject,
  type ListPage,
  type ObjectFacts,
  type ObjectStore,
} from "./object-store.ts";
import { folderWriter } from "./folder-write.ts";
import type { WritableStore } from "./object-writer.ts";
import { fileSink, memorySink, type Sink } from "./sink.ts";

const chunkBytes = 256 * 1024;

/**
 * A folder as a bucket: keys are paths below it with forward slashes. Reads never leave the
 * folder, and special files are no objects. Links: see `statObject`. Etags: see `etagOf`.
 *
 * @param folder an existing directory; it may appear, vanish and come back later
 */
export function createFolderBucket(
  folder: string,
  options: { readonly namesMax?: number } = {},
): WritableStore {
  return {
    ...folderWriter(folder),
    list: (request) => listFolder(folder, options.namesMax ?? namesMax, request),
    head: (request) =>
      withObject(folder, { ...request, maxBytes: Infinity }, async (file) => {
        return { kind: "facts", ...factsOf(await file.stat({ bigint: true })) };
      }),
    get: (request) => readInto(folder, request, "object", memorySink(request.maxBytes)),
    getToFile: (request) =>
      readInto(folder, request, "file", fileSink(request.file, request.maxBytes)),
    bucketExists: async ({ bucket }) => {
      const root = await rootOf(folder, bucket);
      return root.kind === "root" ? { kind: "exists" } : root;
    },
  };
}

async function* listFolder(
  folder: string,
  namesMax: number,
  request: Parameters<ObjectStore["list"]>[0],
): AsyncGenerator<ListPage> {
  const root = await rootOf(folder, request.bucket);
  if (root.kind === "failed") return yield root;
  const { prefix, signal } = request;
  let objects: ListedObject[] = [];
  try {
    const walk = { root: root.path, prefix, namesMax, ...(signal ? { signal } : {}) };
    for await (const object of walkFolder(walk)) {
      objects.push(object);
      if (objects.length < pageObjectsMax) continue;
      yield { kind: "page", objects };
      objects = [];
    }
    // A folder taken away (an unmounted disk) in the middle must not look like an emptied one.
    const after = await rootOf(folder, request.bucket);
    if (after.kind === "failed") return yield after;
    if (after.identity !== root.identity) {
      return yield failed(
        "noSuchBucket",
        request,
        `The folder of bucket "${request.bucket}" was replaced.`,
      );
    }
    yield { kind: "page", objects };
  } catch (error) {
    yield asFailure(error, request, signal);
  }
}

type Root = { readonly kind: "root"; readonly path: string; readonly identity: string };

async function rootOf(folder: string, bucket: string): Promise<Root | Failed> {
  try {
    const path = await realpath(folder);
    const stats = await stat(path, { bigint: true });
    if (stats.isDirectory()) return { kind: "root", path, identity: `${stats.dev}:${stats.ino}` };
  } catch (error) {
    const failure = asFailure(error, { bucket });
    if (failure.failure.kind !== "noSuchKey") return failure;
  }
  return failed("noSuchBucket", { bucket }, `The folder of bucket "${bucket}" does not exist.`);
}

type OpenFile = NonNullable<Awaited<ReturnType<typeof openObject>>>;

async function withObject<Value>(
  folder: string,
  request: GetRequest,
  use: (file: OpenFile) => Promise<Value | Failed>,
): Promise<Value | Failed> {
  const root = await rootOf(folder, request.bucket);
  if (root.kind === "failed") return root;
  let file: OpenFile | undefined;
  try {
    request.signal?.throwIfAborted();
    file = await openObject(root.path, request.key);
    if (file === undefined) return failed("noSuchKey", request, `No object "${request.key}".`);
    return await use(file);
  } catch (error) {
    return asFailure(error, request, request.signal);
  } finally {
    await file?.close();
  }
}

async function readInto<Kind extends "object" | "file", Result>(
  folder: string,
  request: GetRequest,
  kind: Kind,
  sink: Sink<Result>,
): Promise<({ kind: Kind; contentHash: string } & ObjectFacts & Result) | Failed> {
  await using released = new AsyncDisposableStack();
  released.defer(sink.discard);
  return await withObject(folder, request, async (file) => {
    const facts = factsOf(await file.stat({ bigint: true }));
    const changed = failed("changed", request, `Object "${request.key}" has changed.`);
    if (request.ifMatch !== undefined && request.ifMatch !== facts.etag) return changed;
    await sink.start();
    const isWhole = facts.sizeBytes <= request.maxBytes && (await copy(file, sink, request.signal));
    if (!isWhole) {
      const message = `Object "${request.key}" is larger than ${request.maxBytes} bytes (maxBytes).`;
      return failed("tooLarge", request, message);
    }
    // A file written to while it was read may be half old, half new.
    if (factsOf(await file.stat({ bigint: true })).etag !== facts.etag) return changed;
    const whole = await sink.finish();
    released.move();
    return { kind, ...facts, ...whole };
  });
}

async function copy(file: OpenFile, sink: Sink<unknown>, signal?: AbortSignal): Promise<boolean> {
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
    if (bytesRead === 0) return true;
    if (!(await sink.write(buffer.subarray(0, bytesRead)))) return false;
  }
}

function factsOf(stats: Parameters<typeof etagOf>[0] & { readonly mtime: Date }): ObjectFacts {
  return { sizeBytes: Number(stats.size), etag: etagOf(stats), lastModified: stats.mtime };
}

const kindOfCode: Readonly<Record<string, FailureKind>> = {
  ENOENT: "noSuchKey",
  ENOTDIR: "noSuchKey",
  ELOOP: "noSuchKey",
  ENAMETOOLONG: "noSuchKey",
  // A socket or device without a driver cannot be opened.
  ENXIO: "noSuchKey",
  EACCES: "denied",
  EPERM: "denied",
  EIO: "unreachable",
  ESTALE: "unreachable",
  EMFILE: "unreachable",
  ENFILE: "unreachable",
  ETIMEDOUT: "timedOut",
};

function asFailure(
  error: unknown,
  where: { readonly bucket: string; readonly key?: string },
  signal?: AbortSignal,
): Failed {
  if (signal?.aborted === true) return failed("aborted", where, "The request was ended.");
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const kind = kindOfCode[code];
  if (kind === undefined) throw error;
  if (kind === "noSuchKey" && where.key !== undefined) {
    return failed(kind, where, `No object "${where.key}".`);
  }
  const what = where.key === undefined ? `bucket "${where.bucket}"` : `object "${where.key}"`;
  // The system's own message would tell where on the disk the folder lies.
  return failed(kind, where, `Reading ${what} failed (${code}).`);
}
