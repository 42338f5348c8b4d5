import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { NetworkConfig } from "../../core/network-config.ts";
import type { Command } from "../command.ts";
import {
  connect,
  connectionFlags,
  type Connection,
  type ServerPlace,
} from "../client/connection.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { checkApplications } from "./applications.ts";
import { type Finding, fail, renderFindings, worst } from "./findings.ts";
import { checkAclDefault, checkBuckets, checkDataDir, checkNode, checkPort } from "./machine.ts";
import { checkClock, checkCredentials, checkHealth } from "./server.ts";
import { checkZones, zonesOf } from "./network.ts";
import { dataDirDefault, tlsOf } from "../settings/check-files.ts";
import { gatherSettings, type WrittenSettings } from "../settings/gather-settings.ts";
import { reachableHost } from "../settings/reachable-host.ts";
import { serverFlags, type SettingKey } from "../settings/server-settings.ts";

const ownFlags = new Set(connectionFlags.map(({ name }) => name));

/** `quarry doctor`: looks at everything that usually goes wrong, and says what to do next. */
export const doctor: Command = {
  name: "doctor",
  summary: "check this machine, the server and its data sources",
  usage: "[flags]",
  notes: [
    "Give it the flags, environment or --config of your server, so that it looks at the same " +
      "folders. It changes nothing. Exit code 1 when something fails.",
  ],
  flags: [...serverFlags.filter(({ name }) => !ownFlags.has(name)), ...connectionFlags],
  wordsMax: 0,
  async run(parsed, context) {
    const cwd = context.cwd ?? process.cwd();
    const written = await gatherSettings(parsed, context.env, cwd);
    const connection = connect(parsed, context, placeOf(written, cwd));
    const health = await checkHealth(connection.client);
    const findings: readonly Finding[] = [
      checkNode(process.version),
      checkDataDir(connection.dataDir, { isServerUp: health.isUp }),
      ...checkBuckets(written),
      checkAclDefault(written),
      ...(await checkZones(written)),
      ...(health.isUp ? [] : [await checkPort(written)]),
      health.finding,
      ...(health.isUp
        ? await checkServer(connection, health.date, {
            now: context.now,
            network: zonesOf(written),
          })
        : []),
    ];
    const text = connection.isJson ? json(findings) : renderFindings(findings);
    context.stdout.write(text);
    return worst(findings) === "fail" ? exitCodes.failed : exitCodes.ok;
  },
};

/** Where the server of these settings is. */
function placeOf(written: WrittenSettings, cwd: string): ServerPlace {
  const one = (key: SettingKey, standard: string): string =>
    written.get(key)?.values[0] ?? standard;
  const tls = tlsOf(written);
  const host = reachableHost(one("host", "127.0.0.1"));
  const { base = cwd } = written.get("data-dir") ?? {};
  return {
    url: `${tls === undefined ? "http" : "https"}://${host}:${one("port", "8090")}`,
    from: "host or port",
    dataDir: resolve(base, one("data-dir", dataDirDefault)),
    region: one("region", "us-east-1"),
    ...(tls === undefined ? {} : { certificate: readFileSync(tls.certificateFile) }),
  };
}

async function checkServer(
  connection: Connection,
  date: string | undefined,
  { now, network }: Pick<CliContext, "now"> & { readonly network: NetworkConfig },
): Promise<readonly Finding[]> {
  const credentials = await checkCredentials(connection);
  const clock = checkClock(date, now());
  if (credentials.status === "fail") return [clock, credentials];
  try {
    return [clock, credentials, ...(await checkApplications(connection.client, network))];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const next = "allow this caller to read what it says, or use the root key";
    return [clock, credentials, fail("applications", error.message, next)];
  }
}

function json(findings: readonly Finding[]): string {
  return `${JSON.stringify({ status: worst(findings), findings }, null, 2)}\n`;
}
