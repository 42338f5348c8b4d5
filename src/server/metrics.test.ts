import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./metrics.ts";

const call = { service: "qbusiness", operation: "GetApplication", status: 200, durationMs: 3 };

test("answers are counted by service, operation and status", () => {
  const metrics = createMetrics();
  metrics.countRequest(call);
  metrics.countRequest(call);
  metrics.countRequest({ ...call, status: 404 });
  const lines = metrics.render([]).split("\n");
  const labels = 'service="qbusiness",operation="GetApplication"';
  assert.ok(lines.includes(`quarry_requests_total{${labels},status="200"} 2`));
  assert.ok(lines.includes(`quarry_requests_total{${labels},status="404"} 1`));
});

test("durations fall into every bucket that is at least as wide", () => {
  const metrics = createMetrics();
  for (const durationMs of [0.5, 1, 3, 20_000]) metrics.countRequest({ ...call, durationMs });
  const text = metrics.render([]);
  const bucket = (le: string): number =>
    Number(new RegExp(`_bucket\\{.*le="${le}"\\} (\\d+)`).exec(text)?.[1]);
  assert.deepEqual(["0.001", "0.0025", "0.005", "10", "\\+Inf"].map(bucket), [2, 2, 3, 3, 4]);
  assert.match(text, /_sum\{.*\} 20\.0045\n/);
  assert.match(text, /_count\{.*\} 4\n/);
});

test("made-up service names do not make the metrics grow without end", () => {
  const metrics = createMetrics();
  for (let turn = 0; turn < 5000; turn += 1) {
    metrics.countRequest({ ...call, service: `s${turn}`, operation: "unknown", status: 403 });
  }
  metrics.countRequest({ ...call, service: "s1", operation: "unknown", status: 403 });
  const counters = metrics.render([]).match(/^quarry_requests_total.*$/gm) ?? [];
  assert.equal(counters.length, 2001);
  assert.ok(counters.some((line) => line.includes('service="other"') && line.endsWith(" 3000")));
  assert.ok(counters.some((line) => line.includes('service="s1"') && line.endsWith(" 2")));
});

test("labels are escaped, and gauges of one name share their head", () => {
  const gauge = { name: "quarry_jobs_waiting", help: "Jobs to be done.", value: 1 };
  const lines = createMetrics().render([
    { ...gauge, labels: { queue: 'a"b\\c\nd' } },
    { ...gauge, labels: { queue: "e" }, value: 2 },
  ]);
  assert.ok(lines.includes('quarry_jobs_waiting{queue="a\\"b\\\\c\\nd"} 1\n'));
  assert.ok(lines.includes('quarry_jobs_waiting{queue="e"} 2\n'));
  assert.equal(lines.split("# TYPE quarry_jobs_waiting gauge").length, 2);
});
