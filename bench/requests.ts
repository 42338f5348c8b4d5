// Signed GetApplication requests a second, against Node's own server that answers the same bytes
// without doing anything for them. Load comes from another process, in turns, so that what else
// the machine does hits both.
import { createClient } from "../src/cli/client/client.ts";
import { type Credentials, sign } from "../src/sigv4/sigv4.ts";
import { type BareAnswer, startBareServer } from "./support/bare-server.ts";
import { type LoadOrder, runLoad } from "./support/load.ts";
import { cpuMsOf, residentMbOf } from "./support/process-usage.ts";
import { atLeast, median, plainRow, type Row } from "./support/row.ts";
import { startServerProcess } from "./support/server-process.ts";

const ratioMin = 0.35;
const rounds = 5;
const roundMs = 2000;
const connections = 16;

/** Measures both versions of HTTP. */
export default async function requests(): Promise<readonly Row[]> {
  await using server = await startServerProcess();
  const client = createClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: () => server.key,
    now: () => new Date(),
  });
  const { applicationId } = await client.call("CreateApplication", {
    displayName: "requests",
    identityType: "ANONYMOUS",
  });
  const path = `/applications/${applicationId}`;
  const rows: Row[] = [];
  for (const protocol of ["http/1.1", "h2"] as const) {
    const answer = await answerOf(server.url, path, server.key);
    await using bare = await startBareServer({ ...answer, protocol });
    rows.push(...(await compare({ protocol, path, server, bare })));
  }
  return rows;
}

type Contender = { readonly url: string; readonly pid: number };

async function compare(options: {
  readonly protocol: LoadOrder["protocol"];
  readonly path: string;
  readonly server: Contender & { readonly key: Credentials };
  readonly bare: Contender;
}): Promise<readonly Row[]> {
  const { protocol, path, server, bare } = options;
  const order = { protocol, path, key: server.key, connections, durationMs: roundMs };
  const measured = { own: [] as Round[], bare: [] as Round[] };
  // The first round lets the code compile.
  for (let round = 0; round <= rounds; round += 1) {
    const own = await measure(server, order);
    const peer = await measure(bare, order);
    if (round === 0) continue;
    measured.own.push(own);
    measured.bare.push(peer);
  }
  const name = `requests: signed GetApplication, ${protocol === "h2" ? "HTTP/2" : "HTTP/1.1"}`;
  const ratioOf = (value: (round: Round) => number): number =>
    median(measured.own.map((own, i) => value(own) / value(measured.bare[i] ?? own)));
  const memoryMb = residentMbOf(server.pid);
  const byCpu = measured.own[0]?.perCpuSecond === undefined;
  return [
    {
      ...plainRow(name, median(measured.own.map(({ perSecond }) => perSecond)), "1/s"),
      ...(memoryMb === undefined ? {} : { memoryMb: Math.round(memoryMb) }),
    },
    plainRow(
      `requests: bare server, ${protocol}`,
      median(measured.bare.map(({ perSecond }) => perSecond)),
      "1/s",
    ),
    atLeast(
      `${name}, of the bare server's rate`,
      ratioOf((r) => r.perSecond),
      "x",
      ratioMin,
    ),
    ...(byCpu
      ? []
      : [
          plainRow(
            `${name}, the same by CPU time`,
            ratioOf((r) => r.perCpuSecond ?? NaN),
            "x",
          ),
        ]),
  ];
}

type Round = { readonly perSecond: number; readonly perCpuSecond: number | undefined };

async function measure({ url, pid }: Contender, order: Omit<LoadOrder, "url">): Promise<Round> {
  const before = cpuMsOf(pid);
  const { requests: count, ms, failures } = await runLoad({ ...order, url });
  const after = cpuMsOf(pid);
  if (failures > 0) throw new Error(`${failures} of ${count} requests were refused.`);
  const cpuMs = after === undefined || before === undefined ? undefined : after - before;
  return {
    perSecond: (count * 1000) / ms,
    perCpuSecond: cpuMs === undefined ? undefined : (count * 1000) / cpuMs,
  };
}

/** The answer's headers and body, for the peer to say the same. */
async function answerOf(
  url: string,
  path: string,
  key: Credentials,
): Promise<Omit<BareAnswer, "protocol">> {
  const host = new URL(url).host;
  const signed = sign({ method: "GET", rawTarget: path, headers: [["host", host]] }, key, {
    service: "qbusiness",
    region: "us-east-1",
    now: new Date(),
  });
  const headers = signed.headers.filter(([name]) => name !== "host");
  const answer = await fetch(url + path, { headers: headers.map((pair) => [...pair]) });
  if (answer.status !== 200) throw new Error(`GetApplication answered ${answer.status}.`);
  const skipped = ["date", "connection", "keep-alive"];
  return {
    headers: [...answer.headers].filter(([name]) => !skipped.includes(name)),
    body: await answer.text(),
  };
}
