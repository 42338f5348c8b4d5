import { createHash } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";

/** Where content goes, with a limit. `write` answers false once the limit is passed. */
export type Sink<Result> = {
  /** Forgets what was written, before another attempt. */
  readonly start: () => Promise<void>;
  readonly write: (chunk: Uint8Array) => Promise<boolean>;
  readonly finish: () => Promise<Result & { readonly contentHash: string; sizeBytes: number }>;
  /** Lets go of everything, after a failure. */
  readonly discard: () => Promise<void>;
};

/** Collects content in memory. */
export function memorySink(maxBytes: number): Sink<{ readonly bytes: Uint8Array }> {
  let chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const clear = (): void => {
    chunks = [];
    sizeBytes = 0;
  };
  return {
    start: async () => clear(),
    async write(chunk) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) return false;
      chunks.push(chunk);
      return true;
    },
    async finish() {
      const bytes = new Uint8Array(Buffer.concat(chunks, sizeBytes));
      return { bytes, sizeBytes, contentHash: createHash("sha256").update(bytes).digest("hex") };
    },
    discard: async () => clear(),
  };
}

/** Writes content to a file readable by its owner only. */
export function fileSink(file: string, maxBytes: number): Sink<{ readonly file: string }> {
  let handle: FileHandle | undefined;
  let hash = createHash("sha256");
  let sizeBytes = 0;
  const close = async (): Promise<void> => {
    await handle?.close();
    handle = undefined;
  };
  return {
    async start() {
      await close();
      handle = await open(file, "w", 0o600);
      hash = createHash("sha256");
      sizeBytes = 0;
    },
    async write(chunk) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) return false;
      hash.update(chunk);
      await handle?.writeFile(chunk);
      return true;
    },
    async finish() {
      await close();
      return { file, sizeBytes, contentHash: hash.digest("hex") };
    },
    async discard() {
      await close();
      await rm(file, { force: true });
    },
  };
}
