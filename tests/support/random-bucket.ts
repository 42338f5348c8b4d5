// A bucket that changes by chance, and a plain reading of what an index must hold of it.
import assert from "node:assert/strict";
import type { BucketServer } from "./bucket-server.ts";

/** Names that are hard on XML, URLs, paths and comparisons. */
export const oddNames: readonly string[] = [
  "a b+c%2F.txt",
  "q?x=1&y#z.txt",
  "\u00e9-composed.txt",
  "e\u0301-decomposed.txt",
  "../up.txt",
  "a/./b.txt",
  "a//b.txt",
  " blank.txt",
  "'\"<>&.txt",
  "\u{1F600}.txt",
  "\uFF21.txt",
  "~!@$^*()_-=|;:,`[]{}\\.txt",
];
const names: readonly string[] = [
  ...Array.from({ length: 14 }, (_, n) => `d/${n}.txt`),
  ...Array.from({ length: 5 }, (_, n) => `e/${n}.txt`),
  ...oddNames,
  "broken-1.pdf",
  "broken-2.pdf",
  "folder/",
  "d/no.skip",
  "control\u0007.txt",
];
const aclKey = "control/acl.json";
const suffix = ".metadata.json";

/** Settings of a data source over such a bucket. */
export const randomBucketSettings = {
  aclConfigurationFilePath: aclKey,
  exclusionPatterns: ["*.skip"],
};

type Rule = { readonly keyPrefix: string; readonly aclEntries: readonly object[] };

/** One document as the index must have it; a text's length says which version it is. */
export type ExpectedDocument = {
  readonly id: string;
  readonly title: string;
  readonly textBytes: number;
  /** Who may read it; empty: everybody. */
  readonly groups: readonly string[];
  readonly isBroken: boolean;
};

/** A bucket with chance in it. */
export type RandomBucket = {
  /** Puts an object under every name. */
  readonly fill: () => void;
  /** Changes a few objects, metadata files or the ACL file. */
  readonly change: (count: number) => void;
  /** Repairs what a document cannot be made of: bad metadata, ids that two objects want. */
  readonly mend: () => void;
  readonly removeAcl: () => void;
  /** What one sync must make of it, by document id; objects that can have no id are left out. */
  readonly expected: () => ReadonlyMap<string, ExpectedDocument>;
  /** Objects that count as scanned. */
  readonly inScope: () => readonly string[];
};

/** Fills a server's bucket. */
export function randomBucket(server: BucketServer, random: () => number): RandomBucket {
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] ?? assert.fail();
  const { objects, bucket } = server;
  let version = 0;

  const put = (key: string): void => {
    version += 1;
    const text = `The heron ${"o".repeat(version)} stands.`;
    const content = key.endsWith("/") ? "" : key.endsWith(".pdf") ? `%PDF-1.7 ${text}` : text;
    server.put(key, content, random() < 0.2 ? 2 : 1);
  };
  const describe = (key: string): void => {
    version += 1;
    const group = { Name: pick(["g1", "g2", "g3"]), Type: "GROUP", Access: "ALLOW" };
    const text = pick([
      () => JSON.stringify({ Title: `Title ${version}` }),
      () => JSON.stringify({ DocumentId: pick(["pin-1", "pin-2", "pin-3"]) }),
      () => JSON.stringify({ AccessControlList: [group] }),
      () => JSON.stringify({ Title: `Title ${version}`, AccessControlList: [group] }),
      () => "{",
    ])();
    server.put(key + suffix, text);
  };
  const writeAcl = (): void => {
    const rule = (prefix: string, Name: string): Rule => ({
      keyPrefix: `s3://${bucket}/${prefix}`,
      aclEntries: [{ Name, Type: "GROUP", Access: "ALLOW" }],
    });
    const rules = [rule("d/", "g4"), rule("d/1", "g5"), rule("e/", "g6")];
    server.put(aclKey, JSON.stringify(rules.filter(() => random() < 0.6)));
  };
  const changes: readonly (() => void)[] = [
    () => put(pick(names)),
    () => put(pick(names)),
    () => put(pick(names)),
    () => server.touch(pick([...objects.keys()])),
    () => void objects.delete(pick(names)),
    () => void objects.delete(pick(names)),
    () => describe(pick(names)),
    () => describe(pick(names)),
    () => void objects.delete(pick(names) + suffix),
    () => server.put(pick(names), ""),
    writeAcl,
  ];
  const inScope = (): readonly string[] =>
    [...objects.keys()]
      .filter((key) => !key.endsWith(suffix) && key !== aclKey && !key.endsWith("/"))
      .filter((key) => !key.endsWith(".skip") && (objects.get(key)?.content.length ?? 0) > 0);
  writeAcl();
  return {
    fill: () => names.forEach(put),
    change: (count) => {
      for (let made = 0; made < count; made += 1) pick(changes)();
    },
    mend: () => {
      const taken = new Set<string>();
      for (const key of objects.keys()) {
        if (!key.endsWith(suffix)) continue;
        const metadata = metadataOf(server, key.slice(0, -suffix.length));
        if (metadata === undefined || taken.has(metadata.DocumentId ?? "")) objects.delete(key);
        else if (metadata.DocumentId !== undefined) taken.add(metadata.DocumentId);
      }
      if (!objects.has(aclKey)) writeAcl();
    },
    removeAcl: () => void objects.delete(aclKey),
    expected: () => expectedOf(server, inScope()),
    inScope,
  };
}

type Metadata = {
  readonly DocumentId?: string;
  readonly Title?: string;
  readonly AccessControlList?: readonly { readonly Name: string }[];
};

/** Undefined where it cannot be read. */
function metadataOf({ objects }: BucketServer, key: string): Metadata | undefined {
  const text = objects.get(key + suffix)?.content.toString() ?? "{}";
  return text === "{" ? undefined : (JSON.parse(text) as Metadata);
}

function expectedOf(
  server: BucketServer,
  keys: readonly string[],
): ReadonlyMap<string, ExpectedDocument> {
  const rules = JSON.parse(server.objects.get(aclKey)?.content.toString() ?? "[]") as readonly {
    readonly keyPrefix: string;
    readonly aclEntries: readonly { readonly Name: string }[];
  }[];
  const documents = new Map<string, ExpectedDocument>();
  for (const key of keys) {
    const metadata = metadataOf(server, key) ?? {};
    const id = metadata.DocumentId ?? `s3://${server.bucket}/${key}`;
    if (/\p{C}/u.test(id)) continue;
    const rule = rules
      .filter(({ keyPrefix }) => `s3://${server.bucket}/${key}`.startsWith(keyPrefix))
      .toSorted((a, b) => b.keyPrefix.length - a.keyPrefix.length)[0];
    const entries = metadata.AccessControlList ?? rule?.aclEntries ?? [];
    documents.set(id, {
      id,
      title: metadata.Title ?? key.slice(key.lastIndexOf("/") + 1),
      textBytes: server.objects.get(key)?.content.length ?? 0,
      groups: [...new Set(entries.map(({ Name }) => Name))],
      isBroken: key.endsWith(".pdf"),
    });
  }
  return documents;
}
