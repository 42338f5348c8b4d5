// The bucket of a simulated world: what lies in it, and who may read it by the plain rules.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canary, type Pair } from "./leak-oracle.ts";
import type { PlainList, PlainPrincipal } from "./principals-plain.ts";

/** A line of an access list as control files have it. */
export type Entry = {
  readonly Name: string;
  readonly Type: "USER" | "GROUP";
  readonly Access: "ALLOW" | "DENY";
};

/** Whole numbers below a limit. */
export type Chance = (limit: number) => number;

/** People and groups: few, so that they meet. */
export const emails = ["ada@x.com", "bob@x.com", "eve@x.com"];
export const names = ["sales", "hr"];

/** The first documents are those of the bucket, by what their keys begin with. */
export const keys = ["a/1", "a/b/1", "c/1", "d"];
const prefixes = ["", "a/", "a/b/", "c/", "d"];

/** A repeatable source of chance. */
export function chanceOf(seed: number): Chance {
  let state = (seed * 2_654_435_761) >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** Somebody, or nobody. */
export function randomEntries(chance: Chance): readonly Entry[] {
  return Array.from({ length: chance(3) }, () => {
    const isUser = chance(2) === 0;
    const from = isUser ? [...emails, "alias"] : names;
    return {
      Name: from[chance(from.length)] ?? "",
      Type: isUser ? "USER" : "GROUP",
      Access: chance(5) === 0 ? "DENY" : "ALLOW",
    } as const;
  });
}

/** A list as a document brings it along when it is put; undefined for none. */
export function randomList(chance: Chance): PlainList {
  if (chance(6) === 0) return undefined;
  const principals = (): readonly PlainPrincipal[] =>
    randomEntries(chance).map(({ Name, Type, Access }) => {
      const access = Access;
      return Type === "USER" ? { user: { id: Name, access } } : { group: { name: Name, access } };
    });
  const relations = ["AND", "OR"] as const;
  const relation = () => ({ memberRelation: relations[chance(2)] ?? "OR" });
  const accessControls = Array.from({ length: chance(3) }, () => ({
    ...relation(),
    principals: principals(),
  })).filter((one) => one.principals.length > 0);
  return { ...relation(), accessControls };
}

type Stored = {
  readonly version: number;
  readonly list: readonly Entry[] | undefined;
  /** Its metadata cannot be read, and so not who may read it. */
  readonly isBroken: boolean;
  /** It cannot become a document, for other reasons; who might read it is known. */
  readonly isUnfit: boolean;
};

/** Objects, their metadata and the ACL file. */
export class LeakBucket {
  readonly #name: string;
  readonly #folder: string;
  readonly #seed: number;
  readonly #objects = new Map<number, Stored>();
  #rules: readonly { readonly prefix: string; readonly entries: readonly Entry[] }[] = [];
  /** The ACL file cannot be read: syncs fail, and nothing may change. */
  isAclBroken = false;

  constructor(about: { readonly name: string; readonly folder: string; readonly seed: number }) {
    this.#name = about.name;
    this.#folder = about.folder;
    this.#seed = about.seed;
  }

  /** Whether the bucket has the document. */
  has(document: number): boolean {
    return this.#objects.has(document);
  }

  /** Keys tell of their documents, too. */
  keyOf(document: number): string {
    return `${keys[document] ?? ""}${canary(this.#seed, document, 0)}.txt`;
  }

  async #write(key: string, content: string): Promise<void> {
    const file = join(this.#folder, ...key.split("/"));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  /** Documents, their metadata and the ACL file: some of it changes. */
  async change(random: Chance, nextVersion: () => number): Promise<void> {
    for (const document of keys.keys()) {
      const key = this.keyOf(document);
      const chance = random(8);
      if (chance === 0 && this.#objects.delete(document)) {
        await rm(join(this.#folder, key), { force: true });
        await rm(join(this.#folder, `${key}.metadata.json`), { force: true });
      } else if (chance < 4 || !this.#objects.has(document)) {
        const version = nextVersion();
        const word = canary(this.#seed, document, version);
        const isBlank = random(6) === 0;
        const isOdd = random(8) === 0;
        const text = `The harbour master keeps ${word} in the shed of number ${word}.`;
        await this.#write(key, isBlank ? "\n".repeat(version) : text);
        const list = random(3) === 0 ? randomEntries(random) : undefined;
        const isBroken = random(12) === 0;
        const attributes = isOdd ? { Attributes: { nowhere: "no field has this name" } } : {};
        const title = { Title: `Harbour ${word}`, ...attributes };
        const metadata = list === undefined ? title : { ...title, AccessControlList: list };
        // An empty list in metadata is invalid.
        const isInvalid = isBroken || list?.length === 0;
        await this.#write(`${key}.metadata.json`, isBroken ? "{" : JSON.stringify(metadata));
        const isUnfit = isBlank || isOdd;
        this.#objects.set(document, { version, list, isBroken: isInvalid, isUnfit });
      }
    }
    if (random(3) > 0 || this.#rules.length === 0) {
      this.#rules = prefixes
        .filter(() => random(3) > 0)
        .map((prefix) => ({ prefix, entries: randomEntries(random) }));
    }
    this.isAclBroken = random(12) === 0;
    await this.#writeAcl();
  }

  async #writeAcl(): Promise<void> {
    const rules = this.#rules.map(({ prefix, entries }) => ({
      keyPrefix: `s3://${this.#name}/${prefix}`,
      aclEntries: entries,
    }));
    await this.#write("acl.json", this.isAclBroken ? "[" : JSON.stringify(rules));
  }

  /** What a document is, or will be, as the bucket has it; undefined where nothing may be published. */
  pairOf(document: number): Pair | undefined {
    const object = this.#objects.get(document);
    if (object === undefined || object.isBroken || object.isUnfit) return undefined;
    const { version, list } = object;
    return { version, list: list === undefined ? this.#ruleOf(document) : plainListOf(list) };
  }

  /** What a document may answer as after a sync, by what it may answer as before. */
  pairsOf(document: number, before: readonly Pair[]): readonly Pair[] {
    const pair = this.pairOf(document);
    if (pair !== undefined) return [pair];
    // Where the new version cannot be had, the old one stays, for those who are left.
    return this.has(document) ? before.map((kept) => this.#keptOf(document, kept)) : [];
  }

  /**
   * What a published version is when it stays, because its object cannot become a document now.
   * Who may read the object narrows it, as far as that can be known.
   */
  #keptOf(document: number, { guard: before, ...published }: Pair): Pair {
    const { list, isBroken = true } = this.#objects.get(document) ?? {};
    const rule = { list: this.#ruleOf(document), isRule: true };
    const known = list === undefined ? rule : { list: plainListOf(list), isRule: false };
    const guard = !isBroken ? known : before?.isRule === true ? rule : before;
    return { ...published, ...(guard && { guard }) };
  }

  #ruleOf(document: number): PlainList {
    const key = this.keyOf(document);
    const [rule] = this.#rules
      .filter(({ prefix }) => key.startsWith(prefix))
      .toSorted((a, b) => b.prefix.length - a.prefix.length);
    return rule && plainListOf(rule.entries);
  }
}

function plainListOf(entries: readonly Entry[]): PlainList {
  const principals = entries.flatMap(({ Name, Type, Access }): readonly PlainPrincipal[] => {
    const access = Access;
    if (Type === "USER") return [{ user: { id: Name, access, membershipType: "DATASOURCE" } }];
    return (["DATASOURCE", "INDEX"] as const).map((membershipType) => ({
      group: { name: Name, access, membershipType },
    }));
  });
  return { accessControls: [{ principals, memberRelation: "OR" }] };
}
