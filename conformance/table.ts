import { differences } from "./differences.ts";
import type { Verdict, Verdicts } from "./judge.ts";

/** What one client found. */
export type ClientReport = { readonly name: string; readonly verdicts: Verdicts };

const services = {
  qbusiness: "Amazon Q Business",
  iam: "IAM",
  sts: "STS",
  kms: "KMS",
} as const;

/** The compatibility page: one table per service, one row per operation, one column per client. */
export function compatibilityPage(reports: readonly ClientReport[]): string {
  const parts = Object.entries(services).map(([service, title]) => {
    const rows = operationsOf(service, reports).map((operation) =>
      rowOf(service, operation, reports),
    );
    const works = rows.filter((row) => /^\| \w+ \| (works|differs) /.test(row)).length;
    const head = `| Operation | ${reports.map(({ name }) => name).join(" | ")} | Notes |`;
    const rule = `| --- |${" --- |".repeat(reports.length + 1)}`;
    return `## ${title}\n\n${works} of ${rows.length} operations.\n\n${[head, rule, ...rows].join("\n")}\n`;
  });
  return `${header}\n${parts.join("\n")}`;
}

const header = `# Compatibility

<!-- Generated: do not edit. Start a server (\`quarry serve --bucket sample-bucket=sample-bucket\`), then, with its root key in
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY:
npm run conformance -- --endpoint http://127.0.0.1:8090 --profile full --write docs/compatibility.md -->

Every operation, called by unmodified clients against a running server. Where it *works*, the call succeeded, its answer held what it must, and callers without
permission, malformed ids and unknown resources got the service's own errors. Where it *differs*, it works, and the note says
how it differs from the service on purpose. What is *missing* answers, after authentication and authorization, one modelled error: \`ValidationException\` with the
reason \`UNKNOWN_OPERATION\`, for IAM and STS \`InvalidAction\`, for KMS \`UnsupportedOperationException\`. A dash stands where the client itself does not have the operation.
The command line makes the successful calls only.
`;

function operationsOf(service: string, reports: readonly ClientReport[]): readonly string[] {
  const names = reports.flatMap(({ verdicts }) => [...verdicts.keys()]);
  const own = names.filter((name) => name.startsWith(`${service} `));
  return [...new Set(own)].map((name) => name.slice(service.length + 1)).sort();
}

function rowOf(service: string, operation: string, reports: readonly ClientReport[]): string {
  const key = `${service} ${operation}`;
  const found = reports.map(({ name, verdicts }) => ({ name, verdict: verdicts.get(key) }));
  const cells = found.map(({ verdict }) => cellOf(key, verdict));
  const faults = found.flatMap(({ name, verdict }) =>
    (verdict?.faults ?? []).map((fault) => `${name}: ${fault}`),
  );
  const isBuilt = found.some(({ verdict }) => verdict?.status === "works");
  const difference = isBuilt ? differences[key] : undefined;
  const notes = [...(difference === undefined ? [] : [difference]), ...faults].map(plain);
  return `| ${operation} | ${cells.join(" | ")} | ${notes.join("; ")} |`.replace("|  |", "| |");
}

function cellOf(key: string, verdict: Verdict | undefined): string {
  if (verdict === undefined || verdict.status === "unknown") return "–";
  return verdict.status === "works" && key in differences ? "differs" : verdict.status;
}

/** Text that cannot break a table, and that is the same on every run. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replaceAll("|", "/")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…");
}
