import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createExtractor } from "./documents.ts";
import type { Extractor, ExtractorOptions, ExtractResult } from "./documents.ts";
import { makeOdt, odfParagraph } from "./testing/odf-file.ts";

const misbehaving = new URL("testing/misbehaving-worker.ts", import.meta.url);

function pool(options: Partial<ExtractorOptions> = {}): Extractor {
  return createExtractor({ processes: 1, ...options });
}

function misbehavingPool(options: Partial<ExtractorOptions> = {}): Extractor {
  return pool({ childModule: misbehaving, memoryMb: 256, ...options });
}

function order(extractor: Extractor, text: string, signal?: AbortSignal): Promise<ExtractResult> {
  const bytes = Buffer.from(text);
  return extractor.extract({
    bytes,
    fileName: "a.txt",
    ...(signal === undefined ? {} : { signal }),
  });
}

function codeOf(result: ExtractResult): string {
  return result.outcome === "failed" ? result.code : result.outcome;
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

async function waitUntilGone(processId: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && isRunning(processId); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !isRunning(processId);
}

test("OpenDocument files are read by a pool that was made to, and skipped by any other", async () => {
  const source = { bytes: makeOdt(odfParagraph("Twenty days.")), fileName: "leave.odt" };
  await using usual = pool();
  assert.equal(codeOf(await usual.extract(source)), "unsupported");
  await using chosen = pool({ openDocumentFormats: "read" });
  const result = await chosen.extract(source);
  assert.equal(result.outcome === "extracted" && result.chunks[0]?.text, "Twenty days.");
  const locked = makeOdt("", { encrypted: ["content.xml"] });
  assert.equal(codeOf(await chosen.extract({ ...source, bytes: locked })), "encrypted");
});

test("a document comes back as chunks with its format and title", async () => {
  await using extractor = pool();
  const bytes = Buffer.from("# Leave\n\nTwenty days a year.\n");
  const result = await extractor.extract({ bytes, fileName: "leave.md" });
  assert.deepEqual(result, {
    outcome: "extracted",
    format: "md",
    title: "Leave",
    textBytes: 28,
    warnings: [],
    chunks: [
      {
        ordinal: 0,
        text: "# Leave\n\nTwenty days a year.",
        headingPath: ["Leave"],
        beginOffset: 0,
        endOffset: 28,
        tokens: 7,
      },
    ],
  });
});

test("nothing starts before the first document, and children are kept for the next one", async () => {
  await using extractor = pool({ processes: 2 });
  assert.deepEqual(extractor.processIds(), []);
  await order(extractor, "one");
  const [first] = extractor.processIds();
  await order(extractor, "two");
  assert.deepEqual(extractor.processIds(), [first]);
});

test("many documents at once are spread over the children and each gets its own answer", async () => {
  await using extractor = pool({ processes: 2 });
  const texts = Array.from({ length: 40 }, (_, index) => `text number ${index}`);
  const results = await Promise.all(texts.map((text) => order(extractor, text)));
  const read = results.map((result) =>
    result.outcome === "extracted" ? result.chunks[0]?.text : result.reason,
  );
  assert.deepEqual(read, texts);
  assert.equal(extractor.processIds().length, 2);
});

test("a child inherits no environment variables", async () => {
  await using extractor = misbehavingPool();
  const result = await order(extractor, "fine");
  assert.equal(result.outcome === "extracted" && result.warnings[0], "0 variables");
});

test("a child can neither write files nor start programs nor load native code", async () => {
  await using extractor = misbehavingPool();
  const result = await order(extractor, "mischief");
  assert.deepEqual(result, { outcome: "unsupported", reason: "nothing" });
});

test("a file that is larger than any format allows is refused unread", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-documents-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "huge.pdf");
  // A sparse file: it has the size but takes no room.
  await writeFile(path, "%PDF-1.4\n");
  await truncate(path, 500 * 1_048_576 + 1);
  await using extractor = pool();
  assert.equal(codeOf(await extractor.extract({ path, fileName: "huge.pdf" })), "tooLarge");
  assert.deepEqual(extractor.processIds(), []);
});

test("the declared content type reaches the child", async () => {
  await using extractor = pool();
  const bytes = Buffer.from("a;b\n1;2\n");
  const result = await extractor.extract({ bytes, fileName: "a.txt", contentType: "CSV" });
  assert.equal(result.outcome === "extracted" && result.format, "csv");
  const wrong = await extractor.extract({ bytes, fileName: "a.csv", contentType: "PDF" });
  assert.equal(codeOf(wrong), "corrupt");
});

test("a file is streamed from its path, also one of many pieces", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "quarry-documents-"));
  t.after(() => rm(folder, { recursive: true }));
  await using extractor = pool();
  const path = join(folder, "big.txt");
  await writeFile(path, "A sentence that is repeated. ".repeat(200_000));
  const result = await extractor.extract({ path, fileName: "big.txt" });
  assert.equal(result.outcome, "extracted");
  assert.ok(result.chunks.length > 1000);
  assert.deepEqual(
    result.chunks.map((chunk) => chunk.ordinal),
    result.chunks.map((_, index) => index),
  );

  const missing = await extractor.extract({ path: join(folder, "none"), fileName: "none.txt" });
  assert.equal(codeOf(missing), "unreadable");
  await writeFile(path, "");
  assert.equal(codeOf(await extractor.extract({ path, fileName: "big.txt" })), "empty");
});

test("a reader that hangs is killed after its time and the pool goes on", async () => {
  // Only the document that hangs is short of time: on a busy machine the others may need more.
  await using extractor = misbehavingPool({ timeoutMs: (bytes) => (bytes > 10 ? 400 : 30_000) });
  await order(extractor, "fine");
  const [stuck] = extractor.processIds();
  const [hung, next] = await Promise.all([
    order(extractor, "hang for ever"),
    order(extractor, "fine"),
  ]);
  assert.equal(codeOf(hung), "timeout");
  assert.match(hung.outcome === "failed" ? hung.reason : "", /took too long\. Split it/);
  assert.equal(next.outcome, "extracted");
  assert.ok(stuck !== undefined && !isRunning(stuck));
});

test("a reader that grows is killed, inside and outside of the JavaScript heap", async () => {
  await using extractor = misbehavingPool({ memoryMb: 192 });
  assert.equal(codeOf(await order(extractor, "grow")), "memory");
  assert.equal(codeOf(await order(extractor, "heap")), "memory");
  assert.equal((await order(extractor, "fine")).outcome, "extracted");
});

test("a child that ends, fails or answers nonsense costs only its document", async () => {
  await using extractor = misbehavingPool();
  for (const text of ["exit", "throw", "nonsense"]) {
    assert.equal(codeOf(await order(extractor, text)), "crashed", text);
    assert.equal((await order(extractor, "fine")).outcome, "extracted");
  }
});

test("a document whose reader has a second way gets one more attempt, others do not", async () => {
  await using extractor = misbehavingPool();
  const retried = await order(extractor, "exit once");
  assert.equal(retried.outcome === "extracted" && retried.warnings[1], "fallback");
  assert.equal(codeOf(await order(extractor, "exit never")), "crashed");
});

test("an aborted document ends at once, waiting or running", async () => {
  await using extractor = misbehavingPool();
  const abort = new AbortController();
  const running = order(extractor, "hang", abort.signal);
  const waiting = order(extractor, "fine", abort.signal);
  setTimeout(() => abort.abort(), 200);
  assert.equal(codeOf(await running), "aborted");
  assert.equal(codeOf(await waiting), "aborted");
  assert.equal((await order(extractor, "fine")).outcome, "extracted");
});

test("closing ends the children and what they were reading", async () => {
  const extractor = misbehavingPool();
  const running = order(extractor, "slow");
  await new Promise((resolve) => setTimeout(resolve, 150));
  const [child] = extractor.processIds();
  await extractor.close();
  assert.equal(codeOf(await running), "aborted");
  assert.ok(child !== undefined && !isRunning(child));
  assert.equal(codeOf(await order(extractor, "fine")), "aborted");
});

test("a child is replaced after its share of documents, and ended when idle", async () => {
  await using extractor = misbehavingPool({ documentsPerProcess: 2, idleMs: 50 });
  await order(extractor, "one");
  const [first] = extractor.processIds();
  await order(extractor, "two");
  await order(extractor, "three");
  const [second] = extractor.processIds();
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.ok(await waitUntilGone(second));
  assert.equal((await order(extractor, "four")).outcome, "extracted");
});

test("when the parent is killed, a child that hangs ends too", async () => {
  const script = `
    const { createExtractor } = await import(${JSON.stringify(import.meta.resolve("./documents.ts"))});
    const extractor = createExtractor({ processes: 1, childModule: new URL(${JSON.stringify(misbehaving.href)}) });
    await extractor.extract({ bytes: Buffer.from("fine"), fileName: "a.txt" });
    void extractor.extract({ bytes: Buffer.from("hang"), fileName: "a.txt" });
    process.stdout.write(String(extractor.processIds()[0]));
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(parent.stdout, "data");
  const child = Number(String(line));
  assert.ok(child > 0 && isRunning(child));
  parent.kill("SIGKILL");
  assert.ok(await waitUntilGone(child));
});

test("a pool that is not closed does not keep its process alive", async () => {
  const script = `
    const { createExtractor } = await import(${JSON.stringify(import.meta.resolve("./documents.ts"))});
    const extractor = createExtractor({ processes: 1 });
    const result = await extractor.extract({ bytes: Buffer.from("fine"), fileName: "a.txt" });
    process.stdout.write(result.outcome);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [[line], [status]] = await Promise.all([once(parent.stdout, "data"), once(parent, "exit")]);
  assert.equal(String(line), "extracted");
  assert.equal(status, 0);
});
