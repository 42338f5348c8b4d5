import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientCall, Keys, Outcome } from "./client.ts";
import { faultOf, refusalsOf } from "./refusals.ts";
import type { Known, Step } from "./step.ts";

/** How an operation stands with one client. */
export type Verdict = {
  readonly status: "works" | "missing" | "unknown" | "fails";
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
};

/** `service operation` -> verdict. */
export type Verdicts = ReadonlyMap<string, Verdict>;

const untilMsMax = 30_000;
const untilMs = 250;

/** Runs steps through a client. `keys.powerless` is of a user without any policy. */
export async function judge(
  client: Client,
  steps: readonly Step[],
  options: {
    readonly known: Known;
    readonly keys: { readonly root: Keys; readonly helper: Keys; readonly powerless: Keys };
    readonly withRefusals: boolean;
  },
): Promise<Verdicts> {
  const { known, keys, withRefusals } = options;
  const verdicts = new Map<string, Verdict>();
  for (const step of steps) {
    const { service, operation } = step;
    const name = `${service} ${operation}`;
    const call = { service, operation, input: step.input(known), keys: keys[step.as ?? "root"] };
    const faults: string[] = [];
    if (withRefusals && step.isSetUp !== true && !verdicts.has(name)) {
      for (const refusal of refusalsOf(call, keys.powerless)) {
        const fault = await tried(
          () => client.call(refusal.call),
          (out) => faultOf(refusal, out),
        );
        if (fault !== undefined) faults.push(fault);
      }
    }
    let verdict: Verdict = { status: "unknown", faults };
    const broken = await tried(
      () => callUntil(client, call, step),
      (outcome) => {
        verdict = verdictOn(step, outcome, faults);
        if (outcome.kind === "answered") step.keep?.(outcome.output, known);
        return undefined;
      },
    );
    if (broken !== undefined) verdict = { status: "fails", faults: [...faults, broken] };
    if (step.isSetUp === true && verdict.status === "fails") {
      throw new Error(`${client.name}: ${name}: ${verdict.faults.join("; ")}`);
    }
    if (step.isSetUp !== true) verdicts.set(name, verdict);
  }
  return verdicts;
}

function verdictOn(step: Step, outcome: Outcome, faults: readonly string[]): Verdict {
  if (outcome.kind === "unknown") return { status: "unknown", faults: [] };
  if (outcome.kind === "answered") {
    const fault = step.check?.(outcome.output);
    const all = fault === undefined ? faults : [...faults, fault];
    return { status: all.length === 0 ? "works" : "fails", faults: all };
  }
  // The server's own words for an operation that it does not have yet.
  if (outcome.message.includes("does not implement")) return { status: "missing", faults: [] };
  if (step.refusals?.includes(outcome.name) === true) {
    return { status: faults.length === 0 ? "works" : "fails", faults };
  }
  const fault = `refuses with ${outcome.name}: ${outcome.message}`;
  return { status: "fails", faults: [...faults, fault] };
}

/** The last answer, after waiting for what the service does in the background. */
async function callUntil(client: Client, call: ClientCall, { until }: Step): Promise<Outcome> {
  const deadline = performance.now() + untilMsMax;
  for (;;) {
    const outcome = await client.call(call);
    const isReached = outcome.kind !== "answered" || until === undefined || until(outcome.output);
    if (isReached) return outcome;
    if (performance.now() > deadline) throw new Error("waits in vain for the answer to change");
    await sleep(untilMs);
  }
}

/** What a client that breaks says counts as a fault of the operation. */
async function tried(
  call: () => Promise<Outcome>,
  faultIn: (outcome: Outcome) => string | undefined,
): Promise<string | undefined> {
  try {
    return faultIn(await call());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
