import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  makeOdp,
  makeOds,
  makeOdt,
  odfCell,
  odfFrame,
  odfParagraph,
  odfRow,
} from "../../src/documents/testing/odf-file.ts";
import { qbusinessHttp1 } from "../support/clients.ts";
import { put } from "../support/documents.ts";
import { folderBuckets } from "../support/folder-bucket.ts";
import { ask, counts, makeSite, makeSource, noAnswer, settled, sync } from "../support/site.ts";
import { testServer } from "../support/test-server.ts";

const question = "When does the harbour fair begin?";
const answer = "The harbour fair begins on the ninth of May.";

test("OpenDocument files are skipped, until the operator has them read, and again when not", async () => {
  await using made = await folderBuckets(1);
  const [files] = made.buckets;
  assert.ok(files);
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-odf-"));
  const buckets = { [files.name]: files.folder };
  const boot = (openDocumentFormats?: "skip" | "read") =>
    testServer({ dataDir, buckets, ...(openDocumentFormats && { openDocumentFormats }) });
  try {
    const prices = odfRow([odfCell("Berth"), odfCell("71234 crowns")]);
    await files.put("fair.odt", makeOdt(odfParagraph(answer)));
    await files.put("prices.ods", makeOds([{ name: "Harbour prices", rows: prices }]));
    await files.put("talk.odp", makeOdp([odfFrame(["The lighthouse keeper speaks."], "title")]));
    await files.put("plain.txt", "The town hall is closed on Mondays.");
    let source: Awaited<ReturnType<typeof makeSource>>;
    {
      await using server = await boot();
      source = await makeSource(await makeSite(server), files.name);
      // Scanned, added, modified, deleted, failed.
      assert.equal(counts(await sync(source)), "4 1 0 0 0");
      assert.equal((await ask(source, question)).systemMessage, noAnswer);
      await put(source, [{ id: "fair", content: { blob: makeOdt(odfParagraph(answer)) } }]);
      const { status, error } = (await settled(source)).get("fair") ?? {};
      assert.equal(status, "DOCUMENT_FAILED_TO_INDEX");
      assert.match(error?.errorMessage ?? "", /not a supported document format/);
    }
    {
      await using server = await boot("read");
      const reading = { ...source, client: qbusinessHttp1(server) };
      assert.equal(counts(await sync(reading)), "4 3 0 0 0");
      assert.match((await ask(reading, question)).systemMessage ?? "", /ninth of May/);
      assert.match(
        (await ask(reading, "What does a berth cost?")).systemMessage ?? "",
        /71234 crowns/,
      );
      assert.equal(counts(await sync(reading)), "4 0 0 0 0");
      const blob = makeOdt(odfParagraph("The ferry leaves at seven."));
      await put(reading, [
        { id: "ferry", content: { blob } },
        { id: "as-word", content: { blob }, contentType: "MS_WORD" },
      ]);
      const documents = await settled(reading);
      assert.equal(documents.get("ferry")?.status, "INDEXED");
      const declared = documents.get("as-word");
      assert.equal(declared?.status, "DOCUMENT_FAILED_TO_INDEX");
      assert.match(declared?.error?.errorMessage ?? "", /leave it out/);
    }
    {
      await using server = await boot("skip");
      const skipping = { ...source, client: qbusinessHttp1(server) };
      await sync(skipping);
      assert.equal((await ask(skipping, question)).systemMessage, noAnswer);
      assert.equal(counts(await sync(skipping)), "4 0 0 0 0");
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
