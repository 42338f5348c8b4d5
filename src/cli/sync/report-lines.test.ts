import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf, renderChanges } from "../access/changes.ts";
import { CliError } from "../context.ts";
import { writeJsonList } from "../json-list.ts";
import { readLines } from "../read-lines.ts";
import { readReportLine } from "./report-lines.ts";

async function* from<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect(chunks: readonly Buffer[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of readLines(from(...chunks))) lines.push(line);
  return lines;
}

test("lines are read however the text is cut, and end at line feeds alone", async () => {
  const text = '{"a":"größe"}\n\n{"b":"x\u2028y"}\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    assert.deepEqual(await collect(chunks), ['{"a":"größe"}', '{"b":"x\u2028y"}']);
  }
  assert.deepEqual(await collect([]), []);
});

test("a report that stops in the middle is no report", async () => {
  await assert.rejects(collect([Buffer.from('{"a":1}\n{"b"')]), CliError);
  await assert.rejects(collect([Buffer.alloc(17 * 1024 * 1024, "x")]), /does not end/);
});

const acl = (...entries: readonly (readonly [string, "ALLOW" | "DENY"])[]): string =>
  JSON.stringify(entries.map(([name, access]) => ({ name, type: "GROUP", access })));

test("readers are named in words", () => {
  const readers = (more: object) => readReportLine({ DocumentId: "a", ...more }).to;
  assert.equal(readers({}), undefined);
  assert.equal(readers({ Acl: "[]", OpenToEveryone: true }), "everyone");
  assert.equal(readers({ Acl: "[]", OpenToEveryone: false }), "nobody");
  assert.equal(readers({ Acl: acl(["hr", "DENY"]) }), "nobody");
  const both = acl(["hr", "ALLOW"], ["hr", "ALLOW"], ["eng", "ALLOW"], ["interns", "DENY"]);
  assert.equal(readers({ Acl: both }), "hr, eng except interns");
});

test("what is no line of a report says nothing", () => {
  for (const value of [null, 1, "x", [], {}]) {
    const { documentId, action, status, to } = readReportLine(value);
    assert.deepEqual([documentId, action, status, to], ["", "", "", undefined]);
  }
});

const line = (id: string, action: string, more: object = {}): object => ({
  DocumentId: id,
  CrawlAction: action,
  ConnectorDocumentStatus: { Status: "SUCCESS" },
  ...more,
});

test("documents that a sync left alone have not changed, unless their readers did", () => {
  assert.equal(changeOf(readReportLine(line("a", "UNMODIFIED"))), undefined);
  const skipped = { ConnectorDocumentStatus: { Status: "SKIPPED" } };
  assert.equal(changeOf(readReportLine(line("a", "ADD", skipped))), undefined);
  const shared = { AccessChange: "WIDENED", Acl: acl(["hr", "ALLOW"]), AccessBefore: "[]" };
  assert.deepEqual(changeOf(readReportLine(line("a", "UNMODIFIED", shared))), {
    documentId: "a",
    change: "unmodified",
    access: "access widened",
    from: "nobody",
    to: "hr",
  });
});

test("the table shows what opened first, a bounded number of lines, and the sum of all", async () => {
  const many = Array.from({ length: 120 }, (_, at) => line(`d${at}`, "MODIFY"));
  const opened = { AccessChange: "OPENED", Acl: "[]", OpenToEveryone: true, AccessBefore: "[]" };
  const text = await renderChanges(from<unknown>(...many, line("secret", "MODIFY", opened)));
  const lines = text.trimEnd().split("\n");
  assert.match(
    lines[0] ?? "",
    /^modified {2}now open to everyone {2}secret {2}nobody -> everyone$/,
  );
  assert.equal(lines.length, 1 + 50 + 2);
  assert.equal(lines.at(-2), "… and 70 more; --json lists all.");
  assert.equal(lines.at(-1), "0 added, 121 modified, 0 deleted, 0 failed; 1 now open to everyone.");
  assert.equal(await renderChanges(from()), "Nothing changed.\n");
});

test("a list of any length is one value of JSON", async () => {
  const written = async (...values: readonly unknown[]): Promise<unknown> => {
    let text = "";
    await writeJsonList({ write: (part) => (text += part) }, from(...values));
    return JSON.parse(text);
  };
  assert.deepEqual(await written(), []);
  assert.deepEqual(await written({ a: 1 }), [{ a: 1 }]);
  assert.deepEqual(await written({ a: 1 }, "b", [2]), [{ a: 1 }, "b", [2]]);
});
