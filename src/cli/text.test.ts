import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { closest, parseArguments, shown } from "./arguments.ts";
import { renderAnswer } from "./ask.ts";
import { countersOf, summarise } from "./sync/follow-sync.ts";
import { createProgressView, renderBar } from "./progress.ts";
import { renderFailures } from "./sync/sync.ts";
import { formatTable, plainLine, plainText } from "./table.ts";

test("a table lines up its columns and leaves the last one free", () => {
  const rows = [
    ["ok", "port", "8090 is free"],
    ["warn", "clock", "61 s apart\nfrom the server's"],
  ];
  assert.equal(
    formatTable(rows),
    "ok    port   8090 is free\nwarn  clock  61 s apart from the server's\n",
  );
  assert.equal(formatTable([]), "");
});

test("text from outside cannot move the cursor or colour the terminal", () => {
  assert.equal(plainLine("a\u001b[31mred\u0007\r\nb\u202Ec"), "a [31mred  b c");
  assert.equal(plainText("a\n\tb\u0000"), "a\n\tb ");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.doesNotMatch(plainLine(text), /[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

test("a bar shows the share, and never more than all or less than nothing", () => {
  assert.equal(
    renderBar({ label: "Syncing", done: 12, total: 24, text: "12 of 24 documents" }),
    "Syncing  [############------------]  50%  12 of 24 documents",
  );
  assert.match(renderBar({ label: "a", done: 9, total: 3, text: "" }), /\[#{24}\]  100%/);
  assert.match(renderBar({ label: "a", done: -1, total: 3, text: "" }), /\[-{24}\]   0%/);
  assert.match(renderBar({ label: "a", done: 5, text: "x" }), /\[-{24}\]       x/);
  assert.match(renderBar({ label: "a", done: 0, total: 0, text: "x" }), /\[-{24}\]/);
});

test("a terminal gets a bar that redraws itself and goes away", () => {
  let out = "";
  const sink = { write: (text: string) => (out += text) };
  const view = createProgressView({ out: sink, isTerminal: true, now: () => new Date(0) });
  view.show({ label: "a", done: 1, total: 2, text: "one" });
  view.end();
  assert.ok(out.startsWith("\r") && out.endsWith("one\u001b[K\r\u001b[K"));
  view.end();
  assert.equal(out.split("\r").length, 3, "nothing to clear the second time");
});

test("a bar is never longer than the terminal is wide", () => {
  let out = "";
  const sink = { write: (text: string) => (out += text), columns: 40 };
  const view = createProgressView({ out: sink, isTerminal: true, now: () => new Date(0) });
  view.show({ label: "Syncing", done: 12, total: 24, text: "12 of 24 documents, 11 failed" });
  assert.equal(out, "\rSyncing  [############------------]  50\u001b[K");
});

test("anything but a terminal gets plain lines, one in two seconds at most", () => {
  let [out, at] = ["", 0];
  const sink = { write: (text: string) => (out += text) };
  const view = createProgressView({ out: sink, isTerminal: false, now: () => new Date(at) });
  const show = (text: string): void => view.show({ label: "Syncing", done: 0, text });
  show("1 of 9");
  at = 1999;
  show("2 of 9");
  at = 2000;
  show("3 of 9");
  at = 9000;
  show("3 of 9");
  view.end();
  assert.equal(out, "Syncing: 1 of 9\nSyncing: 3 of 9\n");
});

test("an answer shows a number behind each supported piece, and its sources below", () => {
  const systemMessage = "Leave is 27 days. Meals: 38 euros.";
  const text = renderAnswer({
    systemMessage,
    sourceAttributions: [
      {
        citationNumber: 1,
        title: "Leave",
        url: "https://x.example/leave",
        documentId: "l",
        textMessageSegments: [{ beginOffset: 0, endOffset: 17 }],
      },
      {
        citationNumber: 2,
        title: "Expenses",
        documentId: "s3://b/expenses.md",
        textMessageSegments: [{ beginOffset: 18, endOffset: 99 }],
      },
    ],
  });
  assert.equal(
    text,
    "Leave is 27 days. [1] Meals: 38 euros. [2]\n\n" +
      "[1]  Leave     https://x.example/leave\n[2]  Expenses  s3://b/expenses.md\n",
  );
  assert.equal(renderAnswer({ systemMessage: "Sorry.\u001b[2J" }), "Sorry. [2J\n");
  assert.equal(renderAnswer({}), "\n");
});

test("a sync is summed up with its counters and the reason it failed", () => {
  const metrics = { documentsScanned: "31", documentsAdded: "30", documentsFailed: "1" };
  assert.deepEqual(countersOf({ metrics }), {
    scanned: 31,
    added: 30,
    modified: 0,
    deleted: 0,
    failed: 1,
  });
  assert.equal(
    summarise({ status: "FAILED", metrics, error: { errorMessage: "No such\nbucket." } }),
    "Sync failed: 31 scanned, 30 added, 0 modified, 0 deleted, 1 failed. No such bucket.",
  );
});

test("documents that failed are listed with their reasons, twenty at most", () => {
  assert.equal(renderFailures([], true), "");
  const failures = Array.from({ length: 22 }, (_, at) => ({
    documentId: `s3://b/${at}`,
    error: { errorMessage: "is encrypted" },
  }));
  const lines = renderFailures(failures, true).split("\n");
  assert.equal(lines[1], "  s3://b/0   is encrypted");
  assert.equal(lines[21], "  … and 2 more; --json lists all.");
  assert.equal(lines[0], "Failed documents:");
  assert.match(
    renderFailures(failures, false),
    /^Failed before, unchanged and not tried again:\n/,
    "a sync that says 0 failed must not seem to have failures",
  );
});

test("words and flags are told apart, and what follows two dashes is a word", () => {
  const flags = [
    { name: "--port", value: "PORT", help: "" },
    { name: "--json", help: "" },
    { name: "--bucket", value: "B", help: "", isRepeatable: true },
  ];
  const argv = ["a", "--json", "--port=1", "--bucket", "x", "--bucket=y=z", "-", "--", "--port"];
  const parsed = parseArguments(argv, { command: "c", flags, wordsMax: 3 });
  assert.deepEqual(parsed.words, ["a", "-", "--port"]);
  assert.deepEqual(
    [...parsed.flags],
    [
      ["--json", []],
      ["--port", ["1"]],
      ["--bucket", ["x", "y=z"]],
    ],
  );
  assert.throws(
    () => parseArguments(["--json=1"], { command: "c", flags, wordsMax: 0 }),
    /--json takes no value; write it alone\./,
  );
});

test("a command line of any words is sorted or refused, never a crash", () => {
  const flags = [{ name: "--port", value: "PORT", help: "" }];
  fc.assert(
    fc.property(fc.array(fc.string()), (argv) => {
      try {
        parseArguments(argv, { command: "c", flags, wordsMax: 2 });
      } catch (error) {
        assert.equal((error as { exitCode?: number }).exitCode, 2);
        assert.doesNotMatch((error as Error).message, /[\r\n]/);
      }
    }),
  );
});

test("a misspelt word finds the nearest one, if any is near", () => {
  assert.equal(closest("docter", ["doctor", "demo"]), "doctor");
  assert.equal(closest("--prt", ["--port", "--host"]), "--port");
  assert.equal(closest("xyz", ["doctor", "demo"]), undefined);
  assert.equal(closest("a".repeat(1e6), ["a"]), undefined);
  assert.equal(shown("a".repeat(99)), `"${"a".repeat(60)}…"`);
});
