import type { Client } from "../client/client.ts";
import { type CliContext, CliError } from "../context.ts";
import { type Demo, type DemoOptions, ensureDemo } from "./demo.ts";
import { sampleQuestions } from "./content.ts";
import { followSync, isRunning, newestJob, startSync, summarise } from "../sync/follow-sync.ts";
import { createProgressView, type ProgressView, silentView } from "../progress.ts";
import { cliSnippet, type SnippetPlace, sdkSnippet } from "./snippets.ts";

const steps = ["application", "index", "role and data source", "web experience", "user"];

/** Makes the demo and waits for its documents, showing how far it is. */
export async function setUpDemo(
  client: Client,
  context: CliContext,
  options: Omit<DemoOptions, "report"> & {
    readonly isSilent: boolean;
    readonly stopping?: AbortSignal;
  },
): Promise<{ readonly demo: Demo; readonly summary: string; readonly hasFailed: boolean }> {
  const { stdout: out, isTerminal, now } = context;
  const view = options.isSilent ? silentView : createProgressView({ out, isTerminal, now });
  const demo = await ensureDemo(client, {
    ...options,
    report(step) {
      const done = steps.indexOf(step);
      view.show({ label: "Making the demo", done, total: steps.length, text: step });
    },
  }).finally(() => view.end());
  return { demo, ...(await bringDocuments(client, demo, view, options.stopping)) };
}

/** Syncs once; a sync that runs is followed, one that has run is left as it ended. */
async function bringDocuments(
  client: Client,
  { source }: Demo,
  view: ProgressView,
  stopping: AbortSignal | undefined,
): Promise<{ readonly summary: string; readonly hasFailed: boolean }> {
  const before = await newestJob(client, source);
  if (before !== undefined && !isRunning(before)) {
    return { summary: "", hasFailed: before.status === "FAILED" };
  }
  const { executionId } = await startSync(client, source);
  const job = await followSync(
    client,
    { ...source, executionId },
    { view, label: "Reading documents", ...(stopping ? { stopping } : {}) },
  );
  const summary = summarise(job);
  if (job.status === "FAILED" || job.status === "ABORTED") throw new CliError(summary);
  return { summary, hasFailed: false };
}

/** What to do with the demo: its page, and snippets to copy. */
export function describeDemo(demo: Demo, endpoint: string): string {
  const place = snippetPlace(demo, endpoint);
  return [
    "",
    `Open the page:  ${demo.pageUrl}`,
    "",
    "Or ask with the AWS SDK for JavaScript (npm install @aws-sdk/client-qbusiness; save as ask.mjs):",
    "",
    sdkSnippet(place),
    "Or ask with the AWS CLI:",
    "",
    cliSnippet(place),
    "",
  ].join("\n");
}

/** The demo's place for a snippet, with the first sample question. */
export function snippetPlace(demo: Demo, endpoint: string): SnippetPlace {
  const { source, region, key } = demo;
  const { applicationId } = source;
  return { endpoint, region, applicationId, key, question: sampleQuestions[0] };
}
