import { formatTable } from "../table.ts";

/** How one check ended. */
export type Finding = {
  readonly status: "ok" | "warn" | "fail";
  /** What was looked at. */
  readonly check: string;
  /** What was seen. */
  readonly found: string;
  /** What to do about it; empty where all is well. */
  readonly next: string;
};

/** All is well. */
export function ok(check: string, found: string): Finding {
  return { status: "ok", check, found, next: "" };
}

/** It works, but somebody should look. */
export function warn(check: string, found: string, next: string): Finding {
  return { status: "warn", check, found, next };
}

/** It does not work. */
export function fail(check: string, found: string, next: string): Finding {
  return { status: "fail", check, found, next };
}

/** The gravest status of all. */
export function worst(findings: readonly Finding[]): Finding["status"] {
  const statuses = findings.map(({ status }) => status);
  if (statuses.includes("fail")) return "fail";
  return statuses.includes("warn") ? "warn" : "ok";
}

/** A table, with what to do below the line it belongs to, and a last line that sums up. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = formatTable(findings.map(({ status, check, found }) => [status, check, found]));
  const table = lines.trimEnd().split("\n");
  const body = findings.flatMap(({ next }, at) => [
    table[at] ?? "",
    ...(next === "" ? [] : [`      -> ${next}`]),
  ]);
  const count = (status: Finding["status"]): number =>
    findings.filter((finding) => finding.status === status).length;
  const sum = `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed.`;
  return [...body, "", sum, ""].join("\n");
}
