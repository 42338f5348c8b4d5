// Broken calls of IAM and STS: forms with pieces cut out, doubled and put in, decoded and, where
// that succeeds, authorized and run on a real store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemIds } from "../../src/core/ids.ts";
import { publishedQuotas } from "../../src/core/quotas.ts";
import { createIdentity } from "../../src/identity/identity.ts";
import { type Slowest, slowestOf } from "../../src/iam/testing/slowest.ts";
import {
  type QueryCall,
  queryCaller,
  queryOperations,
  queryQuestions,
  runQuery,
} from "../../src/operations/query-operations.ts";
import { openDatabase } from "../../src/store/store.ts";
import {
  decodeQueryRequest,
  encodeQueryAnswer,
  encodeQueryError,
  QueryError,
} from "../../src/wire/wire.ts";
import { randomForm } from "./query-forms.ts";
import { accountId, rootKey } from "./query-server.ts";
import { type Random, randomFrom } from "./query-values.ts";

/** What random requests came to: how many got each answer, and the slowest of them. */
export type QueryNoise = {
  readonly counts: ReadonlyMap<string, number>;
  readonly slowest: Slowest;
};

type Request = {
  readonly service: "iam" | "sts";
  readonly query: string;
  readonly body: Uint8Array;
};

// What entities there are grows with every call; a fresh store keeps the calls comparable.
const callsPerStore = 50_000;

/**
 * Sends `count` broken requests through decoding, authorization, the action and encoding.
 *
 * @throws Error for the first that ends in anything but an answer or an error of the models.
 */
export async function queryNoise(count: number, seed: number): Promise<QueryNoise> {
  const random = randomFrom(seed);
  const counts = new Map<string, number>();
  const slowest = slowestOf();
  for (let done = 0; done < count; done += callsPerStore) {
    await using store = await openStore();
    const until = Math.min(count, done + callsPerStore);
    for (let run = done; run < until; run += 1) {
      const request = brokenRequest(random);
      const shown = shownOf(request);
      try {
        const outcome = await slowest.runLater(shown, () => answer(store.call, request));
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      } catch (cause) {
        throw new Error(`request ${run} of seed ${seed}: ${shown}`, { cause });
      }
    }
  }
  return { counts, slowest: slowest.found() };
}

function shownOf({ service, query, body }: Request): string {
  return `${service} ?${query} ${Buffer.from(body).toString("latin1")}`.slice(0, 2_000);
}

async function openStore(): Promise<AsyncDisposable & { readonly call: QueryCall }> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-noise-"));
  const db = await openDatabase(join(directory, "quarry.db"));
  const sealingKey = systemIds.bytes(32);
  const identity = createIdentity({ db, accountId, root: rootKey, sealingKey });
  const key = await identity.findKey({ accessKeyId: rootKey.accessKeyId, sessionToken: undefined });
  if (key === undefined) throw new Error("There is no root key.");
  const now = new Date();
  const facts = { now, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  const { caller } = key;
  const quotas = publishedQuotas;
  const pageTokenKey = Buffer.alloc(32);
  return {
    call: { db, identity, ids: systemIds, quotas, caller, now, facts, pageTokenKey },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The way of a request in the server, behind the signature check. Gives the code of the answer. */
async function answer(signed: QueryCall, { service, query, body }: Request): Promise<string> {
  try {
    const request = decodeQueryRequest(service, { query, body });
    const caller = await queryCaller(request, signed);
    if (caller === undefined) throw new Error("An action that must be signed was not.");
    const call = { ...signed, caller };
    for (const question of await queryQuestions(request, call)) {
      await call.identity.authorize(caller, question);
    }
    const { status } = encodeQueryAnswer(request, await runQuery(request, call), "request-1");
    if (status !== 200) throw new Error(`answered ${status}`);
    return "answered";
  } catch (error) {
    if (!(error instanceof QueryError) || error.status >= 500) throw error;
    encodeQueryError(error, { service, requestId: "request-1" });
    return error.code;
  }
}

const actions = (["iam", "sts"] as const).flatMap((service) =>
  Object.keys(queryOperations[service]).map((action) => ({ service, action })),
);

function brokenRequest(random: Random): Request {
  const { service, action } = oneOf(random, actions);
  let form = randomForm(service, action, random);
  for (let edits = random(4); edits > 0; edits -= 1) form = edited(form, random);
  // Mostly in the body; sometimes in the address, or cut in two in the middle of anything.
  const cut = random(4) === 0 ? random(form.length + 1) : 0;
  const body = Buffer.from(form.slice(cut), "utf8");
  if (random(20) === 0 && body.length > 0) body[random(body.length)] = 0x80 + random(0x80);
  return { service, query: form.slice(0, cut), body };
}

const pieces = [
  ..."&=.+%;#?/\\ \"'<>\u0000é😀",
  "%00",
  "%zz",
  "%C3",
  "%ED%A0%80",
  "%F0%9F%98%80",
  ".member.1",
  ".member.0",
  ".member.999999999",
  ".member.1e3",
  "&Action=GetUser",
  "&Version=",
  "&__proto__=x",
  "&constructor.prototype.x=1",
  "&Tags.member.1.Key=a&Tags.member.1.Value=b",
  "&Tags=",
  "&MaxItems=-1",
  "&MaxItems=99999999999999999999",
  "&DurationSeconds=1.5",
  "&PolicyDocument={}",
  "&X-Amz-Signature=a",
];

// Long ones are rare: they cost time, and most of it in making them.
const long = [
  "&".repeat(6_000),
  "&a=".repeat(6_000),
  `&${"a.".repeat(500)}=1`,
  "%41".repeat(40_000),
  `&TagKeys.member.1=${"k".repeat(100_000)}`,
  Array.from({ length: 2_000 }, (_, at) => `&ActionNames.member.${at + 1}=s3:*`).join(""),
  `&PolicyDocument=${"[".repeat(100_000)}`,
];

function edited(text: string, random: Random): string {
  const at = random(text.length + 1);
  const end = Math.min(text.length, at + random(12));
  const kept = random(2) === 0 ? text.slice(at, end) : "";
  const inserted =
    random(500) === 0 ? oneOf(random, long) : random(3) > 0 ? oneOf(random, pieces) : "";
  return text.slice(0, at) + kept + inserted + kept + text.slice(end);
}

function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)] as Item;
}
