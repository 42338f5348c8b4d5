import type { Command } from "../command.ts";
import { exitCodes, usageError } from "../context.ts";
import { readCases } from "./cases.ts";
import { readTexts } from "./files.ts";
import { type CaseResult, runCase } from "./score.ts";
import { formatTable } from "../table.ts";

const tableBytesMax = 64 * 1024 * 1024;

/** `quarry policy test`: tables of decisions and validations against the engine. */
export const policyTest: Command = {
  name: "policy test",
  summary: "run tables of cases: requests with their decisions, documents with their findings",
  usage: "FILE… [--json]",
  notes: [
    'A file is {"cases": […]}. A decision: {id, group, request: {principal, action, resource or ' +
      "resources, resourceAccount, context}, policies: {identity, resource, boundary, session, " +
      "scp, rcp, grants}, expect: Allow, ImplicitDeny or ExplicitDeny, why, basis}. A validation: " +
      "{id, policyType, documentText, create: {accepted, code, message}, findings: [{type, code, " +
      "location}], uncertain}. A basis of disputed and what is uncertain are reported, not " +
      "scored. Exit code 1 on any difference, 2 for a table that cannot be read.",
  ],
  flags: [{ name: "--json", help: "print JSON" }],
  wordsMax: 200,
  async run({ words, flags }, context) {
    if (words.length === 0) {
      throw usageError("Which table? Write quarry policy test decisions.json");
    }
    const files = await readTexts(words, context, tableBytesMax);
    const results = files.flatMap((file) => readCases(file).map((one) => runCase(one, file.name)));
    const groups = countGroups(results);
    const differing = results.filter(({ differences }) => differences.length > 0);
    const reported = results.filter(({ notes }) => notes.length > 0);
    context.stdout.write(
      flags.has("--json")
        ? `${JSON.stringify({ groups, differences: differing, reported }, null, 2)}\n`
        : render(groups, differing, reported),
    );
    return differing.length > 0 ? exitCodes.failed : exitCodes.ok;
  },
};

type GroupCount = {
  readonly group: string;
  readonly agreed: number;
  readonly differing: number;
  readonly notScored: number;
};

function countGroups(results: readonly CaseResult[]): readonly GroupCount[] {
  const names = [...new Set(results.map(({ group }) => group))];
  return names.map((group) => {
    const own = results.filter((one) => one.group === group);
    const differing = own.filter(({ differences }) => differences.length > 0).length;
    const notScored = own.filter(({ isScored }) => !isScored).length;
    return { group, agreed: own.length - differing - notScored, differing, notScored };
  });
}

function render(
  groups: readonly GroupCount[],
  differing: readonly CaseResult[],
  reported: readonly CaseResult[],
): string {
  const total = (of: (count: GroupCount) => number): number =>
    groups.reduce((sum, count) => sum + of(count), 0);
  const rows = [
    ["group", "agreed", "differing", "not scored"],
    ...groups.map(rowOf),
    rowOf({
      group: "all",
      agreed: total(({ agreed }) => agreed),
      differing: total((count) => count.differing),
      notScored: total(({ notScored }) => notScored),
    }),
  ];
  const lines = [
    ...reported.flatMap(({ file, id, notes }) => notes.map((note) => [`${file} ${id}`, note])),
    ...differing.flatMap(({ file, id, differences, why }) =>
      differences.map((difference) => [
        `${file} ${id}`,
        why ? `${difference} (${why})` : difference,
      ]),
    ),
  ];
  return formatTable(rows) + (lines.length === 0 ? "" : `\n${formatTable(lines)}`);
}

function rowOf({ group, agreed, differing, notScored }: GroupCount): readonly string[] {
  return [group, String(agreed), String(differing), String(notScored)];
}
