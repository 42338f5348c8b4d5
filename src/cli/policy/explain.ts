import type { Command } from "../command.ts";
import { CliError, exitCodes, usageError } from "../context.ts";
import { plainLine } from "../table.ts";
import { shown } from "../arguments.ts";
import { findRequest, type LoggedEvent } from "./log.ts";

/** `quarry policy explain`: why was this call denied. */
export const policyExplain: Command = {
  name: "policy explain",
  summary: "say why the server denied a call, by its request id and the server's log",
  usage: "REQUEST_ID --log FILE [--json]",
  notes: [
    "The request id is in every answer (x-amzn-requestid) and every error of an SDK. The log is " +
      "what quarry serve writes on standard error: quarry serve 2>quarry.log. A --log of - reads " +
      "standard input. The server writes an access.denied event for each call that its policies " +
      "refuse, with the deciding statements and what would have to change; callers are told " +
      "less. It needs --log-level info, the default. Exit code 1 when the log does not have the " +
      "request, or it was not denied.",
  ],
  flags: [
    { name: "--log", value: "FILE", help: "the server's log, or - for standard input" },
    { name: "--json", help: "print JSON" },
  ],
  wordsMax: 1,
  async run({ words: [requestId], flags }, context) {
    const log = flags.get("--log")?.[0];
    if (requestId === undefined || log === undefined) {
      throw usageError("Write quarry policy explain REQUEST_ID --log quarry.log");
    }
    const events = await findRequest(requestId, log, context);
    if (events.length === 0) {
      throw new CliError(
        `${shown(log)} has no request ${shown(requestId)}; was it another server, or has the log been cut?`,
      );
    }
    const denials = events.filter(({ event }) => event === "access.denied");
    const pages = events.filter(({ event }) => event === "page.denied");
    const found = denials.length > 0 ? denials : pages;
    if (found.length === 0) throw new CliError(outcomeOf(events, requestId));
    const isJson = flags.has("--json");
    context.stdout.write(
      isJson ? `${JSON.stringify(found.map(toJson), null, 2)}\n` : found.map(render).join("\n"),
    );
    return exitCodes.ok;
  },
};

function outcomeOf(events: readonly LoggedEvent[], requestId: string): string {
  const { text } = events.find(({ event }) => event === "request") ?? { text: () => "" };
  const end = [text("status"), text("error")].filter((part) => part !== "").join(" ");
  const outcome = end === "" ? "" : ` It ended with ${end}.`;
  return `No policy denied the request ${shown(requestId)}.${outcome}`;
}

const layers: Readonly<Record<string, string>> = {
  identity: "the caller's own policies",
  resource: "the resource's policy",
  boundary: "the caller's permissions boundary",
  session: "the session's policy",
  scp: "the service control policies",
  rcp: "the resource control policies",
  endpoint: "the VPC endpoint's policy",
  trust: "the role's trust policy",
};

function render({ text, lines, time }: LoggedEvent): string {
  const isExplicit = text("decision") === "explicitDeny";
  const layer = layers[text("policyType")] ?? "a policy";
  const head = text("action") === "" ? [] : [`denied   ${text("action")} on ${text("resource")}`];
  const by = isExplicit
    ? lines("statements").map((line) => `  by ${line} in ${layer}`)
    : head.map(() => `  because nothing in ${layer} allows it`);
  const all = [
    ...head,
    ...(text("caller") === "" ? [] : [`  caller ${text("caller")}, ${time}`]),
    ...by,
    ...lines("reason").map((line) => `  ${line}`),
    ...lines("changes").map((line) => `  -> ${line}`),
  ];
  return all.map((line) => `${plainLine(line)}\n`).join("");
}

function toJson({ text, lines, time }: LoggedEvent): Readonly<Record<string, unknown>> {
  return {
    time,
    requestId: text("requestId"),
    caller: text("caller"),
    action: text("action"),
    resource: text("resource"),
    decision: text("decision"),
    policyType: text("policyType"),
    reason: text("reason"),
    statements: lines("statements"),
    changes: lines("changes"),
  };
}
