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

type Labels = { readonly answer: string; readonly call: string };

/** More than there are operations and statuses; a refused request may name any service. */
const seriesMax = 2000;
const otherLabels = newLabels("other", "other", 0);

function newLabels(service: string, operation: string, status: number): Labels {
  const call = { service, operation };
  return { answer: labelText({ ...call, status: String(status) }), call: labelText(call) };
}

/** Starts counting. Beyond `seriesMax` kinds of answers, new ones are counted as `other`. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, Series>();
  // Making labels costs more than counting: they are made once.
  const labelsOf = new Map<string, Labels>();
  return {
    countRequest: ({ service, operation, status, durationMs }) => {
      const key = `${service} ${operation} ${status}`;
      let labels = labelsOf.get(key);
      if (labels === undefined) {
        labels = labelsOf.size < seriesMax ? newLabels(service, operation, status) : otherLabels;
        if (labels !== otherLabels) labelsOf.set(key, labels);
      }
      requests.set(labels.answer, (requests.get(labels.answer) ?? 0) + 1);
      observe(durations, labels.call, durationMs);
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
  for (let index = bucketsMs.length - 1; index >= 0; index -= 1) {
    if (durationMs > (bucketsMs[index] ?? 0)) break;
    series.buckets[index] = (series.buckets[index] ?? 0) + 1;
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
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`)
    .join(",");
}
