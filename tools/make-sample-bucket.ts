// Writes the two binary documents of `sample-bucket/` from their texts in `tools/sample-documents/`.
// Everything else in the bucket is written by hand. The bucket's notes are here because a README
// inside it would be indexed:
//
// - It belongs to Pellwick Instruments, a company that does not exist. Each fact stands in one place, or
//   says the same in each, so that a question has one right answer.
// - The bucket must be registered under the name `sample-bucket`: `access/acl.json` names it.
// - `hr/salaries/` is for the group `people-team` (ACL file), `company/board/` for the group `board`
//   (metadata file). Their facts are made to be found when they leak: the words Osprey-1 to Osprey-5,
//   Kittiwake, 412777, Nightjar, Wexcombe and "heron watch" appear nowhere else.
// - Metadata files use one attribute of their own, `department` (STRING): the index needs that field.
//
// Usage: node tools/make-sample-bucket.ts [--check]   (--check only compares, and exits 1 on a difference)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseBlocks } from "./sample-documents/blocks.ts";
import { writeDocx } from "./sample-documents/docx.ts";
import { writePdf } from "./sample-documents/pdf.ts";

const documents = [
  { text: "code-of-conduct.md", target: "policies/code-of-conduct.docx", write: writeDocx },
  { text: "data-retention.md", target: "policies/data-retention.pdf", write: writePdf },
] as const;

const onlyCheck = process.argv.includes("--check");
for (const { text, target, write } of documents) {
  const blocks = parseBlocks(
    readFileSync(new URL(`sample-documents/${text}`, import.meta.url), "utf8"),
  );
  const bytes = write(blocks[0]?.text ?? "", blocks);
  const file = fileURLToPath(new URL(`../sample-bucket/${target}`, import.meta.url));
  if (onlyCheck) {
    if (existsSync(file) && readFileSync(file).equals(bytes)) continue;
    console.error(
      `sample-bucket/${target} differs from its text; run tools/make-sample-bucket.ts.`,
    );
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
