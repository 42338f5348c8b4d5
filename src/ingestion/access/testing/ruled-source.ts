// A data source whose documents follow the rules of an ACL file, on a real database and engine.
import assert from "node:assert/strict";
import { parseAclFile } from "../../../connectors/connectors.ts";
import { silentLog } from "../../../core/log.ts";
import type { Viewer } from "../../../core/viewer.ts";
import type { AclContent, Search } from "../../../search/search.ts";
import {
  type AclRuleScope,
  type Database,
  documents,
  resources,
  type WriteTransaction,
} from "../../../store/store.ts";
import { closeAccess } from "../closing.ts";
import { openAccess } from "../opening.ts";
import { classOfRule, guardOfFailed } from "../rules.ts";

/** Users' names at x.com by prefix; with a minus in front they are denied. */
export type Rules = Readonly<Record<string, readonly string[]>>;

type Settle = (
  rules: Rules,
  more?: {
    readonly unlisted?: "allow" | "deny";
    readonly db?: Database;
    readonly signal?: AbortSignal;
  },
) => Promise<void>;

type ClassOf = (trx: WriteTransaction, key: string) => Promise<number>;

/** What a test does with the source, and what people find in it. */
export type RuledSource = {
  readonly scope: AclRuleScope;
  readonly indexId: string;
  /** What a sync does with the rules before its crawl. */
  readonly close: Settle;
  /** The same, after its crawl. */
  readonly open: Settle;
  /** Publishes documents, each with the class of the rule that covers its key. */
  readonly put: (rules: Rules, ...keys: readonly string[]) => Promise<void>;
  readonly putWith: (classOf: ClassOf, ...keys: readonly string[]) => Promise<void>;
  /** A newer version of each fails, which follows the rule of a prefix, or has no known list. */
  readonly failNext: (prefix: string | "unknown list", ...keys: readonly string[]) => Promise<void>;
  /** Keys that each person finds, as `ada: a b; bob: c`. */
  readonly found: (...names: readonly string[]) => Promise<string>;
  /** How many documents somebody may see. */
  readonly count: (name: string) => Promise<number>;
  readonly segments: () => Promise<number>;
};

const at = new Date("2026-01-01T00:00:00Z");
const bucket = "kb";
const viewerOf = (name: string): Viewer => ({ kind: "user", email: `${name}@x.com`, groups: [] });
let sources = 0;

/** A list of a document's own, which admits these users. */
export function listOf(...names: readonly string[]): AclContent {
  const principals = names.map(
    (name) => ({ kind: "user", name: `${name}@x.com`, type: "INDEX" }) as const,
  );
  const allow = { relation: "OR", conditions: [{ relation: "OR", principals }] } as const;
  return { dataSourceId: "", allow, deny: [] };
}

function aclFileOf(rules: Rules) {
  const list = Object.entries(rules).map(([prefix, names]) => ({
    keyPrefix: `s3://${bucket}/${prefix}`,
    aclEntries: names.map((name) => ({
      Name: `${name.replace("-", "")}@x.com`,
      Type: "USER",
      Access: name.startsWith("-") ? "DENY" : "ALLOW",
    })),
  }));
  const aclFile = parseAclFile(Buffer.from(JSON.stringify(list)), bucket);
  return "rules" in aclFile ? aclFile : assert.fail("The ACL file is not valid.");
}

/** An empty data source, with an index of its own. */
export async function openRuledSource({
  db,
  search,
}: {
  readonly db: Database;
  readonly search: Search;
}): Promise<RuledSource> {
  sources += 1;
  const [indexId, dataSourceId] = [`index-${sources}`, `source-${sources}`];
  const applicationId = "application";
  const names = { id: indexId, kind: "index", accountId: "", applicationId, indexId: "" } as const;
  const index = { ...names, arn: indexId, status: "ACTIVE", record: {}, at };
  await db.write((trx) => resources.insert(trx, index));
  const scope = { dataSourceId, bucket };
  const settling = (rules: Rules, { unlisted = "allow", signal }: Parameters<Settle>[1] = {}) => ({
    ...scope,
    indexId,
    rules: { aclFile: aclFileOf(rules), unlisted },
    signal: signal ?? new AbortController().signal,
  });
  const putWith: RuledSource["putWith"] = async (classOf, ...keys) => {
    const accepted = await db.write((trx) =>
      documents.acceptMany(
        trx,
        keys.map((key) => {
          const named = { applicationId, indexId, dataSourceId, documentId: key, objectKey: key };
          return { ...named, title: "", status: "PROCESSING", at };
        }),
      ),
    );
    const chunk = { ordinal: 0, text: "tea", headingPath: [], beginOffset: 0, endOffset: 3 };
    const chunks = [{ ...chunk, tokens: 1 }];
    const classes = await db.write(async (trx) => {
      const all: number[] = [];
      for (const key of keys) all.push(await classOf(trx, key));
      return all;
    });
    const versions = accepted.map((row, i) => ({ ...row, title: "", aclClass: classes[i] ?? 0 }));
    const prepared = await search.prepare(
      indexId,
      versions.map(({ key, ...one }) => ({ ...one, documentKey: key, attributes: [], chunks })),
    );
    const nothing = { uri: "", contentType: "", attributes: "[]", syncId: "", syncAction: "" };
    await db.write(async (trx) => {
      const published = versions.map((one) => ({ ...nothing, ...one, textBytes: 1, at }));
      await documents.publishMany(trx, published);
      await search.publish(trx, indexId, prepared);
    });
  };
  const found = async (name: string): Promise<string> => {
    const viewer = viewerOf(name);
    const result = await search.retrieve({ indexId, viewer, text: "tea", limit: 100 });
    const keys = result.passages.map(({ documentKey }) => documentKey);
    const visible = await search.visible({ indexId, viewer, documentKeys: keys });
    assert.equal(visible.size, keys.length, "both ways of looking agree");
    const rows = await documents.findMany(db.read, keys);
    const ids = rows.map(({ documentId }) => ` ${documentId}`).sort();
    return `${name}:${ids.join("")}`;
  };
  return {
    scope,
    indexId,
    close: (rules, more = {}) =>
      closeAccess({ db: more.db ?? db, search, log: silentLog }, settling(rules, more)),
    open: (rules, more = {}) => openAccess({ db: more.db ?? db }, settling(rules, more)),
    put: (rules, ...keys) => {
      const { ruleFor } = aclFileOf(rules);
      return putWith((trx, key) => classOfRule(trx, scope, ruleFor(key)?.prefix), ...keys);
    },
    putWith,
    failNext: (prefix, ...keys) =>
      db.write(async (trx) => {
        for (const documentId of keys) {
          const row = await documents.findById(trx, { indexId, dataSourceId, documentId });
          if (row === undefined) return assert.fail(`There is no document ${documentId}.`);
          const named = { applicationId, indexId, dataSourceId, documentId };
          const status = "PROCESSING" as const;
          const { objectKey } = row;
          const isKnown = prefix !== "unknown list";
          const failedClass = isKnown ? await classOfRule(trx, scope, prefix) : 0;
          await documents.accept(trx, { ...named, objectKey, title: "", status, at });
          await documents.fail(trx, {
            key: row.key,
            version: row.version + 1,
            status: "FAILED",
            errorCode: "",
            errorMessage: "",
            syncId: "",
            syncAction: "failed",
            at,
            guardAclClass: await guardOfFailed(trx, row, failedClass),
          });
        }
      }),
    found: async (...people) => {
      const all: string[] = [];
      for (const name of people) all.push(await found(name));
      return all.join("; ");
    },
    count: async (name) => {
      const rows = await documents.list(db.read, { indexId, after: 0, limit: 10_000 });
      const documentKeys = rows.map(({ key }) => key);
      return (await search.visible({ indexId, viewer: viewerOf(name), documentKeys })).size;
    },
    segments: async () => (await search.stats(indexId)).segments,
  };
}
