// How fast policies are compiled and requests decided, and how much a compiled policy weighs.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { combine, compile, evaluate, parsePolicy, requestContext } from "../src/iam/iam.ts";
import type { AuthorizationRequest, CompiledPolicy, PolicySet } from "../src/iam/iam.ts";
import { compareRandom } from "../src/iam/testing/compare.ts";
import {
  account,
  applicationArn,
  connectorPolicy,
  indexArn,
} from "../src/iam/testing/connector-policy.ts";
import { compiled, document } from "../src/iam/testing/policies.ts";
import { dice } from "../src/iam/testing/random.ts";
import { askPeer } from "./support/iam-peer.ts";

/** One line of the table of benchmarks; `ok` says whether the target is met. */
type Row = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: string;
  readonly ok?: boolean;
};

const decisionsPerSecondMin = 300_000;
const manyPoliciesMicrosMax = 20;
const compileMsMax = 2;
const policyKilobytesMax = 20;
const agreementPairs = 1_000_000;

/** Speed and size of the policy engine, and its agreement with the plain evaluator. */
export default async function iam(): Promise<readonly Row[]> {
  const ours = [...decisionRows(), manyPoliciesRow(), compileRow(), memoryRow(), agreementRow()];
  return [...ours, ...(await peerRows())];
}

const role = `arn:aws:iam::${account}:role/QuarryConnector`;
const principal = {
  type: "role",
  roleArn: role,
  arn: `arn:aws:sts::${account}:assumed-role/QuarryConnector/sync-1`,
  account,
  sessionName: "sync-1",
} as const;

/** Requests a sync makes, and such as it should not make: about six in ten are allowed. */
function mixedRequests(): readonly AuthorizationRequest[] {
  const roll = dice(7);
  const own = { "aws:ResourceAccount": account };
  const tags = { "aws:RequestTag/AMAZON_Q": `qbusiness_${account}_x`, "aws:TagKeys": ["AMAZON_Q"] };
  const kinds = [
    ["s3:GetObject", "arn:aws:s3:::quarry-docs/docs/a.pdf", own],
    ["s3:GetObject", "arn:aws:s3:::other-docs/docs/a.pdf", own],
    ["s3:GetObject", "arn:aws:s3:::quarry-docs/docs/b.pdf", {}],
    ["s3:ListBucket", "arn:aws:s3:::quarry-docs", own],
    ["s3:PutObject", "arn:aws:s3:::quarry-docs/x", own],
    ["qbusiness:BatchPutDocument", indexArn, own],
    ["qbusiness:BatchDeleteDocument", indexArn, own],
    ["qbusiness:PutGroup", indexArn, own],
    ["qbusiness:CreateUser", applicationArn, own],
    ["qbusiness:GetUser", applicationArn, own],
    ["ec2:DescribeSubnets", "*", {}],
    ["ec2:CreateNetworkInterface", `arn:aws:ec2:us-east-1:${account}:network-interface/e1`, tags],
    ["kms:Decrypt", `arn:aws:s3:::key`, { "kms:ViaService": "s3.us-east-1.amazonaws.com" }],
    ["ec2:DescribeVpcs", "*", {}],
  ] as const;
  const call = { "aws:SourceIp": "203.0.113.7", "aws:SecureTransport": "true" };
  return Array.from({ length: 1_000 }, () => {
    const [action, arn, context] = roll.oneOf(kinds);
    const resources = [{ arn, account }];
    return { principal, action, resources, context: { ...call, ...context } };
  });
}

function decisionRows(): readonly Row[] {
  const policies: PolicySet = { identity: compiled(connectorPolicy) };
  const plain = mixedRequests();
  const prepared = plain.map((one) => ({ ...one, context: requestContext(one.context ?? {}) }));
  const perSecond = (requests: readonly AuthorizationRequest[]): number =>
    Math.round(1e6 / microsPerDecision(requests, policies, 300));
  const rate = perSecond(prepared);
  const target = `>= ${decisionsPerSecondMin}`;
  const unit = "decisions/CPU-s";
  return [
    {
      name: "iam: S3 connector policy",
      value: rate,
      unit,
      target,
      ok: rate >= decisionsPerSecondMin,
    },
    { name: "iam: the same, context prepared per decision", value: perSecond(plain), unit },
  ];
}

/** The same requests to the other engine, in the same run, where somebody has installed it. */
async function peerRows(): Promise<readonly Row[]> {
  const requests = mixedRequests();
  const peer = await askPeer(requests, connectorPolicy);
  if (peer === undefined) return [];
  const policies: PolicySet = { identity: compiled(connectorPolicy) };
  const decided = requests.filter((_, i) => peer.allowed[i] !== undefined);
  const theirs = peer.allowed.filter((one) => one !== undefined);
  const ours = decided.map((one) => evaluate(one, policies).decision === "allow");
  const same = ours.filter((isAllowed, i) => isAllowed === theirs[i]).length;
  const ratio = peer.microsPerDecision / microsPerDecision(decided, policies, 300);
  return [
    { name: "iam: as fast as iam-simulate, times", value: Math.round(ratio), unit: "x" },
    { name: "iam: agrees with iam-simulate", value: same, unit: `of ${decided.length}` },
  ];
}

/** The best of five runs: other work on the machine only ever makes a run slower. */
function microsPerDecision(
  requests: readonly AuthorizationRequest[],
  policies: PolicySet,
  rounds: number,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      for (const request of requests) evaluate(request, policies);
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / (rounds * requests.length));
  }
  return best;
}

/** A principal with 1,000 policies of ten statements each, joined as the identity store does. */
function manyPoliciesRow(): Row {
  const services = ["s3", "qbusiness", "kms", "ec2", "logs", "sts", "iam", "secretsmanager"];
  const verbs = [
    "Get",
    "Put",
    "List",
    "Delete",
    "Describe",
    "Create",
    "Update",
    "Batch",
    "Tag",
    "Start",
  ];
  const policies = Array.from({ length: 1_000 }, (_, policy) => {
    const statements = verbs.map((verb, at) => ({
      Effect: at === 9 ? "Deny" : "Allow",
      Action: [`${services[(policy + at) % 8]}:${verb}Thing${policy % 40}`],
      Resource: `arn:aws:s3:::bucket-${policy}/part-${at}/*`,
    }));
    return compiled(document(...statements));
  });
  const identity = combine([...policies, compiled(connectorPolicy)]);
  const busy = Array.from({ length: 200 }, (_, at): AuthorizationRequest => {
    const arn = `arn:aws:s3:::bucket-${at}/part-0/x`;
    const resources = [{ arn, account }];
    return { principal, action: `${services[at % 8]}:GetThing${at % 40}`, resources };
  });
  const micros = microsPerDecision([...mixedRequests().slice(0, 200), ...busy], { identity }, 50);
  return {
    name: "iam: 1,000 policies of 10 statements",
    value: Math.round(micros * 100) / 100,
    unit: "µs/decision",
    target: `<= ${manyPoliciesMicrosMax}`,
    ok: micros <= manyPoliciesMicrosMax,
  };
}

/** A policy of 6 KB: the connector's statements for two buckets. */
function bigPolicy(serial: number): string {
  const text = JSON.stringify(connectorPolicy);
  const other = text
    .replaceAll("quarry-docs", `more-docs-${serial}`)
    .replaceAll('"Sid":"', '"Sid":"More');
  const statements = [text, other].flatMap((one) => (JSON.parse(one) as Parts).Statement);
  const extra = { Sid: "Extra", Effect: "Deny", Action: "s3:Put*", Resource: "arn:aws:s3:::*" };
  const copies = Array.from({ length: 8 }, (_, at) => ({ ...extra, Sid: `Extra${at}` }));
  return JSON.stringify(document(...statements, ...copies));
}

type Parts = { readonly Statement: readonly object[] };

function compileOnce(text: string): CompiledPolicy {
  const parsing = parsePolicy(text, { kind: "identity" });
  if (!parsing.ok) throw new Error(parsing.refusal.message);
  return compile(parsing.policy);
}

function compileRow(): Row {
  const text = bigPolicy(1);
  const times = Array.from({ length: 200 }, () => {
    const start = performance.now();
    compileOnce(text);
    return performance.now() - start;
  }).toSorted((left, right) => left - right);
  const median = times[100] ?? Number.NaN;
  return {
    name: `iam: parse and compile ${(text.length / 1024).toFixed(1)} KB`,
    value: Math.round(median * 1000) / 1000,
    unit: "ms (median)",
    target: `<= ${compileMsMax}`,
    ok: median <= compileMsMax,
  };
}

function memoryRow(): Row {
  const count = 1_000;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  compileOnce(bigPolicy(0));
  collect();
  const before = process.memoryUsage().heapUsed;
  // The texts are made on the way, so a policy that kept its text would be weighed with it.
  const kept = Array.from({ length: count }, (_, serial) => compileOnce(bigPolicy(serial)));
  collect();
  const kilobytes = (process.memoryUsage().heapUsed - before) / count / 1024;
  if (kept.length !== count) throw new Error("the policies must stay alive until here");
  return {
    name: "iam: memory per compiled policy of 6 KB",
    value: Math.round(kilobytes * 10) / 10,
    unit: "KB",
    target: `<= ${policyKilobytesMax}`,
    ok: kilobytes <= policyKilobytesMax,
  };
}

/** Random (policy set, request) pairs on which the engine and the plain evaluator agree. */
export function agreementRow(pairs = agreementPairs): Row {
  const { counts, difference } = compareRandom(pairs, 3);
  const value = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ok = difference === undefined && value === pairs;
  return {
    name: "iam: agrees with the plain evaluator",
    value,
    unit: "pairs",
    target: `${pairs}`,
    ok,
  };
}
