import assert from "node:assert/strict";
import { test } from "node:test";
import { DocumentFailure } from "../failure.ts";
import { detectDelimiter, readCsv } from "./csv.ts";

async function read(csv: string): Promise<{ readonly text: string; readonly headerRows: number }> {
  const [table] = (await readCsv(csv)).blocks;
  return { text: table?.text ?? "", headerRows: table?.headerRows ?? -1 };
}

test("the delimiter is found, also when others stand in the cells", () => {
  assert.equal(detectDelimiter("a,b\n1,2\n"), ",");
  assert.equal(detectDelimiter("a;b\n1,5;2,5\n3;4\n"), ";");
  assert.equal(detectDelimiter("a\tb\n1, 2\t3\n"), "\t");
  assert.equal(detectDelimiter('"x;y;z",b\n"1;2",3\n'), ",");
  assert.equal(detectDelimiter("a|b|c\n1|2|3"), "|");
  assert.equal(detectDelimiter("one column"), ",");
});

test("rows keep their cells and the header is told from data", async () => {
  assert.deepEqual(await read("Name,Price\nBolt,2\n"), {
    text: "Name | Price\nBolt | 2",
    headerRows: 1,
  });
  assert.deepEqual(await read("1,2\n3,4\n"), { text: "1 | 2\n3 | 4", headerRows: 0 });
  assert.deepEqual((await read("Name,Name\na,b")).headerRows, 0);
});

test("quotes, line breaks in cells, short rows, blank lines and stray quotes", async () => {
  const csv = 'Name,Note\n"Bolt, M8","two\nlines"\n\nNut\n,,\nPlate,5" wide\n';
  assert.equal((await read(csv)).text, 'Name | Note\nBolt, M8 | two lines\nNut\nPlate | 5" wide');
  assert.equal((await read("ä,ö\r\n😀,ü\r\n")).text, "ä | ö\n😀 | ü");
});

test("characters at the borders of what is parsed at once survive", async () => {
  const cell = "😀".repeat(40_000);
  assert.equal((await read(`a,b\nx${cell},2\n`)).text, `a | b\nx${cell} | 2`);
});

test("no rows give no blocks", async () => {
  assert.deepEqual((await readCsv("\n\n,,\n")).blocks, []);
});

test("a quote that never ends and too much text fail with a reason", async () => {
  const failsWith = (code: string) => (error: unknown) =>
    error instanceof DocumentFailure && error.code === code && error.message.endsWith(".");
  await assert.rejects(readCsv('a,b\n"never,ends\n'), failsWith("corrupt"));
  const large = `${"x".repeat(99_999)},y\n`.repeat(106);
  await assert.rejects(readCsv(large), failsWith("tooLarge"));
});
