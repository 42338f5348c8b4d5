// Broken input of the two readers that strangers reach with text: policy documents, and the query
// protocol of IAM and STS from decoding to the action. CPU time, so that other work on the machine
// does not count; an answer that no model has, or an error of ours, fails the benchmark.
import { fuzzPolicies } from "../src/iam/testing/fuzz-policy.ts";
import type { Slowest } from "../src/iam/testing/slowest.ts";
import { queryNoise } from "../tests/contract/query-noise.ts";
import { atMost, plainRow, type Row } from "./support/row.ts";

const inputs = 1_000_000;
const msMax = 50;
const seed = 20_261_121;

/** A million inputs each. */
export default async function fuzz(): Promise<readonly Row[]> {
  const policies = fuzzPolicies(inputs, seed);
  const noise = await queryNoise(inputs, seed);
  const answered = noise.counts.get("answered") ?? 0;
  return [
    ...rowsOf("fuzz: policy parser", policies.slowest),
    plainRow("fuzz: policy parser, taken", policies.taken, "documents"),
    ...rowsOf("fuzz: IAM and STS requests", noise.slowest),
    plainRow("fuzz: IAM and STS requests, answered", answered, "requests"),
  ];
}

function rowsOf(name: string, { ms, input }: Slowest): readonly Row[] {
  if (ms > msMax) console.error(`${name}: ${ms} ms for ${input}`);
  return [
    { ...plainRow(`${name}, inputs`, inputs, "inputs"), target: `${inputs}`, ok: true },
    atMost(`${name}, slowest`, ms, "ms of CPU", msMax),
  ];
}
