import type { ParsedArguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { exitCodes, usageError } from "../context.ts";
import { explainCall, type Judgement } from "./judge.ts";
import { policyFlags, readPolicySet } from "./set.ts";
import { readContext, readPrincipal } from "./request.ts";
import { formatTable } from "../table.ts";

/** `quarry policy simulate`: may this caller do that, why, and what would have to change. */
export const policySimulate: Command = {
  name: "policy simulate",
  summary: "decide calls by policy files, with the deciding statements",
  usage: "--policy FILE… --action ACTION… [--resource ARN…] [flags]",
  notes: [
    "Each action is decided on each resource. Words without a flag are further files of --policy, " +
      "so that policies/*.json works. A resource belongs to the account in its ARN, else to " +
      "--resource-account, else to the caller's; aws:ResourceAccount says the same. No other key " +
      "is made up: --context gives them, and keys that the policies look at and the request lacks " +
      "are named. Exit code 0 when all is allowed, 1 when something is denied, 2 for what cannot " +
      "be decided.",
    "A trust policy: quarry policy simulate --trust FILE --principal qbusiness.amazonaws.com " +
      "--action sts:AssumeRole --resource ROLE-ARN --context aws:SourceAccount=ID " +
      "--context aws:SourceArn=ARN",
  ],
  flags: [
    ...policyFlags,
    { name: "--action", value: "ACTION", isRepeatable: true, help: "such as qbusiness:ChatSync" },
    { name: "--resource", value: "ARN", isRepeatable: true, help: "what it touches (*)" },
    {
      name: "--principal",
      value: "ARN",
      help: "user, role, session or service (a role of --account)",
    },
    {
      name: "--account",
      value: "ID",
      help: "the caller's account (the resource's; QUARRY_ACCOUNT_ID; 000000000000)",
    },
    { name: "--resource-account", value: "ID", help: "who owns resources whose ARN names nobody" },
    {
      name: "--context",
      value: "KEY=VALUE",
      isRepeatable: true,
      help: "a condition key; twice for a list",
    },
    { name: "--json", help: "print JSON" },
  ],
  wordsMax: 200,
  async run(parsed, context) {
    const actions = actionsOf(parsed);
    const principal = readPrincipal(parsed, context.env);
    const keys = readContext(parsed);
    const files = await readPolicySet(parsed, context);
    const ownerDefault = parsed.flags.get("--resource-account")?.[0];
    const results = actions.flatMap((action) =>
      (parsed.flags.get("--resource") ?? ["*"]).map((arn) =>
        explainCall({ principal, action, arn, keys, ownerDefault }, files.set),
      ),
    );
    const given = new Set([...Object.keys(keys), ...impliedKeys].map((key) => key.toLowerCase()));
    const missing = files.contextKeys.filter((key) => !given.has(key.toLowerCase()));
    const isJson = parsed.flags.has("--json");
    context.stdout.write(isJson ? json(results, missing) : render(results, missing));
    return results.every(({ decision }) => decision === "allow") ? exitCodes.ok : exitCodes.failed;
  },
};

/** Keys that follow from the caller and the resource. */
const impliedKeys = [
  "aws:PrincipalArn",
  "aws:PrincipalAccount",
  "aws:PrincipalType",
  "aws:PrincipalIsAWSService",
  "aws:PrincipalServiceName",
  "aws:userid",
  "aws:username",
  "aws:ResourceAccount",
];

function actionsOf({ flags }: ParsedArguments): readonly string[] {
  const actions = flags.get("--action") ?? [];
  if (actions.length === 0) {
    throw usageError("Which action? Write --action qbusiness:ChatSync, for example.");
  }
  const wrong = actions.find((action) => !/^[\w-]+:\w+$/.test(action));
  if (wrong === undefined) return actions;
  throw usageError("--action takes one action with its service, such as qbusiness:ChatSync.");
}

function json(results: readonly Judgement[], missingContextKeys: readonly string[]): string {
  return `${JSON.stringify({ results, missingContextKeys }, null, 2)}\n`;
}

const words = { allow: "allowed", implicitDeny: "denied", explicitDeny: "denied" } as const;

function render(results: readonly Judgement[], missing: readonly string[]): string {
  const lines = results.map((one) => {
    const head = formatTable([[words[one.decision], one.action, one.resource]]);
    const by = one.statements.map(
      ({ policyType, sid, file, line, column }) =>
        `  by ${policyType} policy ${file}:${line}:${column}${sid === undefined ? "" : ` "${sid}"`}`,
    );
    const message = one.message === undefined ? [] : [`  ${one.message}`];
    const changes = one.changes.map((change) => `  -> ${change}`);
    return head + formatTable([...by, ...message, ...changes].map((line) => [line]));
  });
  const lacking =
    missing.length === 0
      ? ""
      : `\nThe policies also look at ${missing.join(", ")}; see --context.\n`;
  return lines.join("") + lacking;
}
