import type { FindingType, PolicyKind } from "../../iam/iam.ts";
import type { ParsedArguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { type CliContext, exitCodes, usageError } from "../context.ts";
import { policyKinds, readTexts } from "./files.ts";
import { checkFiles, type CheckedFile, type FileFinding } from "./findings.ts";
import { formatTable } from "../table.ts";

/** `quarry policy validate`: what IAM would refuse, and what an author should look at. */
export const policyValidate: Command = {
  name: "policy validate",
  summary: "find what is wrong with policy documents",
  usage: "FILE… [--kind KIND] [--account ID] [--region REGION] [--encrypted-objects] [--json]",
  notes: [
    "Several files are taken as the documents of one role and compared with each other too. A file " +
      "named - is standard input. Types and codes are those of IAM Access Analyzer; QUARRY marks " +
      "checks of ours. Lines count from one, columns from zero. Exit code 1 when there is an " +
      "ERROR or a SECURITY_WARNING, 2 for a file that cannot be read.",
  ],
  flags: [
    {
      name: "--kind",
      value: "KIND",
      help: `one of ${policyKinds.join(", ")} (each file's own elements tell)`,
    },
    {
      name: "--account",
      value: "ID",
      help: "the data source's account (aws:SourceAccount of the trust policy)",
    },
    { name: "--region", value: "REGION", help: "its Region (QUARRY_REGION; us-east-1)" },
    { name: "--encrypted-objects", help: "the bucket's objects are encrypted with a KMS key" },
    { name: "--json", help: "print JSON" },
  ],
  wordsMax: 200,
  async run(parsed, context) {
    if (parsed.words.length === 0) {
      throw usageError("Which file? Write quarry policy validate policies/role.json");
    }
    const texts = await readTexts(parsed.words, context);
    const account = accountOf(parsed);
    const checked = checkFiles(texts, {
      kind: kindOf(parsed),
      region: parsed.flags.get("--region")?.[0] ?? (context.env["QUARRY_REGION"] || "us-east-1"),
      readsEncryptedObjects: parsed.flags.has("--encrypted-objects"),
      ...(account !== undefined && { account }),
    });
    report(checked, { isJson: parsed.flags.has("--json"), stdout: context.stdout });
    return checked.some(({ findings }) => findings.some(isGrave)) ? exitCodes.failed : exitCodes.ok;
  },
};

function kindOf({ flags }: ParsedArguments): PolicyKind | undefined {
  const wanted = flags.get("--kind")?.[0];
  const kind = policyKinds.find((each) => each === wanted);
  if (wanted === undefined || kind !== undefined) return kind;
  throw usageError(`--kind must be one of ${policyKinds.join(", ")}.`);
}

function accountOf({ flags }: ParsedArguments): string | undefined {
  const account = flags.get("--account")?.[0];
  if (account === undefined || /^\d{12}$/.test(account)) return account;
  throw usageError("--account must be the twelve digits of an account.");
}

function isGrave({ type }: FileFinding): boolean {
  return type === "ERROR" || type === "SECURITY_WARNING";
}

const types: readonly FindingType[] = [
  "ERROR",
  "SECURITY_WARNING",
  "WARNING",
  "SUGGESTION",
  "QUARRY",
];

function report(
  checked: readonly CheckedFile[],
  { isJson, stdout }: { readonly isJson: boolean } & Pick<CliContext, "stdout">,
): void {
  const all = checked.flatMap(({ findings }) => findings);
  const count = (type: FindingType): number => all.filter((one) => one.type === type).length;
  if (isJson) {
    const counts = Object.fromEntries(types.map((type) => [type, count(type)]));
    const files = checked.map(({ name, kind, isRefused, findings }) => ({
      file: name,
      kind,
      isRefused,
      findings,
    }));
    stdout.write(`${JSON.stringify({ counts, files }, null, 2)}\n`);
    return;
  }
  const rows = checked.flatMap(({ name, kind, findings }) =>
    findings.length === 0
      ? [[name, "ok", "", `${kind} policy`]]
      : findings.map(({ type, code, detail, start }) => [
          `${name}:${start.line}:${start.column}`,
          type,
          code,
          detail,
        ]),
  );
  const found = types.filter((type) => count(type) > 0).map((type) => `${count(type)} ${type}`);
  const sum = found.length === 0 ? "nothing to say" : found.join(", ");
  const files = checked.length === 1 ? "1 file" : `${checked.length} files`;
  stdout.write(`${formatTable(rows)}\n${files}: ${sum}. Columns count from zero.\n`);
}
