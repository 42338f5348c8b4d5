// A bucket and an index in memory, for tests of planning: carries plans out as ingestion would.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  compareKeys,
  failed,
  type FailureKind,
  type ListedObject,
  type ListPage,
} from "../objects/objects.ts";
import type { CrawlSource } from "./crawl.ts";
import { parseAclFile } from "./acl-file.ts";
import { hashOf } from "./fingerprint.ts";
import { createMemoryLedger, type KnownDocument } from "./known-documents.ts";
import { isScanned, type PlanItem } from "./plan-items.ts";
import { planSync } from "./plan-sync.ts";
import type { S3Settings } from "./settings.ts";
import { validateConfiguration } from "./validate-configuration.ts";

export type World = {
  readonly objects: Map<string, string>;
  /** Version marks that change without a change of content. */
  readonly touched: Map<string, number>;
  readonly known: Map<string, KnownDocument>;
  /** Ids in the index, with the key that put them. */
  readonly index: Map<string, string>;
  readonly released: Map<string, string>;
  /** Contents whose parsing fails. */
  readonly broken: Set<string>;
  readonly reads: string[];
  readonly finds: string[];
  readFailure: FailureKind | undefined;
  listFailsAfter: number | undefined;
  settings: S3Settings;
  acl: readonly object[] | undefined;
  unlisted: "allow" | "deny";
};

export function settingsWith(more: object, top: object = {}): S3Settings {
  const result = validateConfiguration({
    type: "S3",
    syncMode: "FULL_CRAWL",
    connectionConfiguration: { repositoryEndpointMetadata: { BucketName: "kb-1" } },
    repositoryConfigurations: { document: { fieldMappings: [] } },
    additionalProperties: more,
    ...top,
  });
  assert.ok(result.isValid && result.settings.type !== "CUSTOM", JSON.stringify(result));
  return result.settings;
}

export function newWorld(more: object = {}, top: object = {}): World {
  return {
    objects: new Map(),
    touched: new Map(),
    known: new Map(),
    index: new Map(),
    released: new Map(),
    broken: new Set(),
    reads: [],
    finds: [],
    readFailure: undefined,
    listFailsAfter: undefined,
    settings: settingsWith(more, top),
    acl: undefined,
    unlisted: "allow",
  };
}

function listed(world: World, key: string): ListedObject {
  const content = world.objects.get(key) ?? "";
  const etag = hashOf([content, world.touched.get(key) ?? 0]);
  return { key, etag, sizeBytes: Buffer.byteLength(content), lastModified: new Date(1_000) };
}

export function sourceOf(world: World, pageMax = 3): CrawlSource {
  return {
    async *list(prefix): AsyncGenerator<ListPage> {
      const keys = [...world.objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort(compareKeys);
      for (let at = 0; at <= keys.length; at += pageMax) {
        if (world.listFailsAfter !== undefined && at >= world.listFailsAfter) {
          yield failed("unreachable", { bucket: "kb-1" }, "gone");
          return;
        }
        yield {
          kind: "page",
          objects: keys.slice(at, at + pageMax).map((key) => listed(world, key)),
        };
      }
    },
    async find(key) {
      world.finds.push(key);
      return world.objects.has(key) ? listed(world, key) : undefined;
    },
    async readMetadata({ key }) {
      world.reads.push(key);
      if (world.readFailure !== undefined)
        return failed(world.readFailure, { bucket: "kb-1", key }, "no");
      const { etag } = listed(world, key);
      return { kind: "metadata", etag, bytes: Buffer.from(world.objects.get(key) ?? "") };
    },
  };
}

async function* rowsOf(world: World): AsyncGenerator<KnownDocument[]> {
  const rows = [...world.known.values()];
  rows.sort((a, b) => compareKeys(a.key, b.key));
  yield [];
  for (let at = 0; at < rows.length; at += 2) yield rows.slice(at, at + 2);
}

/** Plans one sync and carries it out. The items that only say "still the same" are left out. */
export async function sync(world: World): Promise<PlanItem[]> {
  world.reads.length = 0;
  const aclFile =
    world.acl && parseAclFile(Buffer.from(JSON.stringify(world.acl)), world.settings.bucket);
  assert.ok(aclFile === undefined || "ruleFor" in aclFile);
  const access = { unlisted: world.unlisted, ...(aclFile === undefined ? {} : { aclFile }) };
  const rows = [...world.known.values()].map((row) => ({ ...row, isReleased: false }));
  const held = [...world.released].map(([documentId, key]) => ({
    documentId,
    key,
    isIndexed: true,
    isReleased: true,
  }));
  const holders = rows.flatMap(({ documentId, ...row }) =>
    documentId === undefined
      ? []
      : [{ ...row, documentId, isIndexed: world.index.has(documentId) }],
  );
  const ledger = createMemoryLedger([...held, ...holders]);
  const items: PlanItem[] = [];
  const plan = planSync({
    settings: world.settings,
    rules: {
      dataSourceId: "ds",
      indexFields: new Map([["region", "STRING"]]),
      sourceUriOf: () => undefined,
      access,
      settingsHash: hashOf(world.settings.fieldMappings),
    },
    source: sourceOf(world),
    known: rowsOf(world),
    ledger,
  });
  for await (const item of plan) if (item.action !== "crawled") items.push(item);
  for (const item of items) carryOut(world, item);
  world.released.clear();
  for await (const { documentId, key } of ledger.released()) {
    if (world.index.has(documentId)) world.released.set(documentId, key);
  }
  dropGone(world, items);
  return items;
}

function carryOut(world: World, item: PlanItem): void {
  if (item.action === "unmodified") {
    const known = world.known.get(item.key);
    if (known !== undefined) world.known.set(item.key, { ...known, fingerprint: item.fingerprint });
  } else if (item.action === "fail") {
    const { key, documentId, outcome, fingerprint, wantedId } = item;
    const held = documentId === undefined ? {} : { documentId };
    const wanted = wantedId === undefined ? {} : { wantedId };
    world.known.set(key, { key, outcome, fingerprint, ...held, ...wanted });
  } else if (item.action === "delete") {
    world.index.delete(item.documentId);
  } else if (item.action === "add" || item.action === "modify") {
    const { key, document, fingerprint } = item;
    const { documentId } = document;
    const content = world.objects.get(key) ?? "";
    const isBroken = world.broken.has(content);
    const contentHash = createHash("sha256").update(content).digest("hex");
    if (!isBroken || world.index.has(documentId)) world.index.set(documentId, key);
    const outcome = isBroken ? "failed" : "indexed";
    world.known.set(key, {
      key,
      documentId,
      outcome,
      fingerprint: { ...fingerprint, contentHash },
    });
  }
}

/** Forgets rows of objects that the crawl did not produce. */
function dropGone(world: World, items: readonly PlanItem[]): void {
  if (items.some(({ action }) => action === "listingFailed")) return;
  const produced = new Set<string>();
  for (const item of items) {
    if ("key" in item && isScanned(item)) produced.add(item.key);
  }
  for (const key of world.known.keys()) if (!produced.has(key)) world.known.delete(key);
}

/** Items in short: `add a`, `fail b InvalidRequest`, `end 2 0`. */
export function brief(items: readonly PlanItem[]): string[] {
  return items.map((item) => {
    switch (item.action) {
      case "crawled":
        return "crawled";
      case "end":
        return `end ${item.scanned} ${item.toDelete}${item.isDeletionHeld ? " held" : ""}`;
      case "listingFailed":
        return `listingFailed ${item.failure.kind}`;
      case "fail":
        return `fail ${item.key} ${item.code} ${item.outcome}`;
      case "skip":
        return `skip ${item.key} ${item.reason}`;
      case "modify":
        return `modify ${item.key} ${item.changes.join("+")}`;
      case "delete":
        return `delete ${item.documentId}`;
      default:
        return `${item.action} ${item.key}`;
    }
  });
}

export async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test("a world without objects has nothing to do", async () => {
  assert.deepEqual(brief(await sync(newWorld())), ["end 0 0"]);
});
