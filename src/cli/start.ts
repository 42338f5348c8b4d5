import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer, ServerConfig } from "../core/server-config.ts";
import type { Command } from "./command.ts";
import { checkConfiguration } from "./settings/configuration.ts";
import { reachableHost } from "./settings/reachable-host.ts";
import { type CliContext, CliError } from "./context.ts";
import { demoKeyFile, sampleBucket } from "./demo/content.ts";
import { gatherSettings } from "./settings/gather-settings.ts";
import { runServer } from "./run-server.ts";
import { serverFlags } from "./settings/server-settings.ts";

/** `quarry start`: a server with the sample bucket, the demo, and what to do with it. */
export const start: Command = {
  name: "start",
  summary: "run the server with a demo (what npm start does)",
  usage: "[flags]",
  notes: ["As serve, with the sample bucket and a demo over it. It logs warnings and errors only."],
  flags: serverFlags,
  wordsMax: 0,
  async run(parsed, context) {
    const cwd = context.cwd ?? process.cwd();
    const written = await gatherSettings(parsed, context.env, cwd);
    const config = checkConfiguration(written, { cwd, logLevelDefault: "warn" });
    const buckets = { [sampleBucket]: join(context.projectRoot, sampleBucket), ...config.buckets };
    const complete: ServerConfig = { ...config, buckets };
    return runServer(complete, context, (server, stopping) =>
      runDemo({ server, config: complete, stopping }, context),
    );
  },
};

async function runDemo(
  {
    server,
    config,
    stopping,
  }: {
    readonly server: RunningServer;
    readonly config: ServerConfig;
    readonly stopping: AbortSignal;
  },
  context: CliContext,
): Promise<void> {
  // Loaded late: the server is ready before the client's tables are.
  const [{ createClient }, { describeDemo, setUpDemo }] = await Promise.all([
    import("./client/client.ts"),
    import("./demo/show-demo.ts"),
  ]);
  const client = createClient({
    endpoint: ownEndpoint(server.url),
    region: config.region,
    credentials: () => server.rootKey,
    now: context.now,
    ...(config.tls === undefined ? {} : { certificate: readFileSync(config.tls.certificateFile) }),
  });
  const { demo, summary, hasFailed } = await setUpDemo(client, context, {
    bucket: sampleBucket,
    keyFile: join(config.dataDir, demoKeyFile),
    isSilent: false,
    stopping,
  });
  if (summary !== "") context.stdout.write(`${summary}\n`);
  context.stdout.write(describeDemo(demo, server.publicUrl));
  if (hasFailed) {
    throw new CliError(
      'The last sync of the demo failed; "quarry sync" runs it again and says why.',
    );
  }
}

/** Where this very process reaches a server that listens on all addresses. */
function ownEndpoint(url: string): string {
  const parsed = new URL(url);
  parsed.hostname = reachableHost(parsed.hostname);
  return parsed.origin;
}
