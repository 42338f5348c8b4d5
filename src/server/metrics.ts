/** Counts for `GET /metrics`, in the Prometheus text format. */
export type Metrics = {
  readonly countRequest: (request: {
    readonly service: string;
    readonly operation: string;
    readonly status: number;
    readonly durationMs: number;
  }) => void;
  /** All metrics; `gauges` are read at this moment. */
  readonly render: (gauges: readonly Gauge[]) => string;
};

/** A value that goes up and down. */
export type Gauge = {
  readonly name: string;
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
};

const bucketsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

type Series = { count: number; sumMs: number; readonly buckets: number[] };

/** Starts counting. The number of series is bounded by the number of operations and statuses. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, Series>();
  return {
    countRequest: ({ service, operation, status, durationMs }) => {
      const labels = labelText({ service, operation, status: String(status) });
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
      observe(durations, labelText({ service, operation }), durationMs);
    },
    render: (gauges) =>
      [
        ...counterLines(requests),
        ...histogramLines(durations),
        ...gauges.flatMap((gauge, index) => gaugeLines(gauge, gauges[index - 1])),
        "",
      ].join("\n"),
  };
}

function observe(durations: Map<string, Series>, labels: string, durationMs: number): void {
  const series = durations.get(labels) ?? {
    count: 0,
    sumMs: 0,
    buckets: bucketsMs.map(() => 0),
  };
  series.count += 1;
  series.sumMs += durationMs;
  for (const [index, bound] of bucketsMs.entries()) {
    if (durationMs <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }
  durations.set(labels, series);
}

function counterLines(requests: ReadonlyMap<string, number>): readonly string[] {
  return [
    "# HELP quarry_requests_total Requests answered.",
    "# TYPE quarry_requests_total counter",
    ...[...requests].map(([labels, count]) => `quarry_requests_total{${labels}} ${count}`),
  ];
}

function histogramLines(durations: ReadonlyMap<string, Series>): readonly string[] {
  const name = "quarry_request_duration_seconds";
  const lines = [
    `# HELP ${name} Time from the first byte of a request to its answer.`,
    `# TYPE ${name} histogram`,
  ];
  for (const [labels, { count, sumMs, buckets }] of durations) {
    for (const [index, bound] of bucketsMs.entries()) {
      lines.push(`${name}_bucket{${labels},le="${bound / 1000}"} ${buckets[index] ?? 0}`);
    }
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`);
    lines.push(`${name}_sum{${labels}} ${sumMs / 1000}`, `${name}_count{${labels}} ${count}`);
  }
  return lines;
}

function gaugeLines(gauge: Gauge, previous: Gauge | undefined): readonly string[] {
  const { name, help, labels, value } = gauge;
  const head = previous?.name === name ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
  const text = labels === undefined ? "" : `{${labelText(labels)}}`;
  return [...head, `${name}${text} ${value}`];
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, "\\$&")}"`)
    .join(",");
}
