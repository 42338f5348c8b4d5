// An S3 server for benchmarks, in a process of its own: buckets of made-up objects of any number,
// which cost no memory. A bucket's name says what it holds: `made-10000` has 10,000 small Markdown
// documents, `tiny-10000` as many of one sentence, `photo-1000000` as many whose names end in `.jpg`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

const pageKeys = 1000;
const words =
  "heron mill weir pond river stone bridge amber lantern orchard harbour signal copper engine valve " +
  "pressure archive ledger record policy travel budget meeting report cluster node shard index query " +
  "filter window token field value request answer storage bucket object key listing page";
const vocabulary = words.split(" ");

type Bucket = {
  readonly count: number;
  readonly suffix: string;
  readonly contentOf: (n: number) => string;
};

/** The kinds of buckets, by the first part of their name. */
const kinds: Readonly<Record<string, Omit<Bucket, "count">>> = {
  made: { suffix: ".md", contentOf: page },
  tiny: {
    suffix: ".md",
    contentOf: (n) => `The ${word(n)} number ${n} lies by the ${word(n * 7)}.`,
  },
  photo: { suffix: ".jpg", contentOf: (n) => `picture ${n}` },
};

function word(n: number): string {
  return vocabulary[n % vocabulary.length] ?? "";
}

/** About 1.5 KB of Markdown with headings, the same each time. */
function page(n: number): string {
  let state = n * 2_654_435_761 + 1;
  const next = (): string => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return word(Math.floor(state / 65_536));
  };
  const sentence = (): string => `The ${Array.from({ length: 11 }, next).join(" ")}.`;
  const section = (): string =>
    `## The ${next()} ${next()}\n\n${Array.from({ length: 6 }, sentence).join(" ")}`;
  return `# Page ${n}\n\n${[section(), section(), section()].join("\n\n")}\n`;
}

function bucketOf(name: string): Bucket | undefined {
  const [, kind = "", count = ""] = /^([a-z]+)-(\d+)$/.exec(name) ?? [];
  const found = kinds[kind];
  return found === undefined ? undefined : { ...found, count: Number(count) };
}

/** Ascending in byte order, for they all have as many digits. */
function keyOf({ suffix }: Bucket, n: number): string {
  const folder = String(Math.floor(n / 1000)).padStart(4, "0");
  return `docs/${folder}/${String(n).padStart(8, "0")}${suffix}`;
}

const stamp = "2026-01-02T03:04:05.000Z";
const etagOf = (n: number): string => n.toString(16).padStart(32, "0");

function list(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const from = Number(query.get("continuation-token") ?? "0");
  const to = Math.min(bucket.count, from + pageKeys);
  const entries: string[] = [];
  for (let n = from; n < to; n += 1) {
    const key = keyOf(bucket, n);
    if (!key.startsWith(prefix)) continue;
    const size = Buffer.byteLength(bucket.contentOf(n));
    entries.push(
      `<Contents><Key>${key}</Key><LastModified>${stamp}</LastModified><ETag>&quot;${etagOf(n)}` +
        `&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    );
  }
  const isCut = to < bucket.count;
  const next = isCut ? `<NextContinuationToken>${to}</NextContinuationToken>` : "";
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
    `<Name>b</Name><Prefix>${prefix}</Prefix><KeyCount>${entries.length}</KeyCount><MaxKeys>${pageKeys}</MaxKeys>` +
    `<EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${next}${entries.join("")}</ListBucketResult>`
  );
}

/** Pages of listings, as they are asked for again and again. */
const pages = new Map<string, string>();

function answer(request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const [, name = "", ...rest] = path.split("/");
  const bucket = bucketOf(name);
  const key = rest.join("/");
  if (bucket === undefined) {
    response.writeHead(404).end("<Error><Code>NoSuchBucket</Code></Error>");
  } else if (key === "") {
    response.setHeader("content-type", "application/xml");
    if (request.method === "HEAD") return void response.end();
    const known = pages.get(`${name}?${query}`) ?? list(bucket, new URLSearchParams(query));
    if (pages.size < 200) pages.set(`${name}?${query}`, known);
    response.end(known);
  } else {
    const n = Number(/(\d+)\.\w+$/.exec(key)?.[1] ?? NaN);
    if (key !== keyOf(bucket, n) || n >= bucket.count) {
      return void response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    }
    const content = bucket.contentOf(n);
    response.writeHead(200, {
      "content-length": Buffer.byteLength(content),
      "content-type": "text/markdown",
      etag: `"${etagOf(n)}"`,
      "last-modified": new Date(stamp).toUTCString(),
    });
    response.end(request.method === "HEAD" ? undefined : content);
  }
}

const server = createServer({ keepAlive: true }, answer).listen(0, "127.0.0.1", () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.once("disconnect", () => process.exit());
