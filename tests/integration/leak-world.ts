// One seeded world of the leak simulation: an application of three people, a bucket and direct
// documents; everything about them changes at random while people ask.
import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import {
  type Chance,
  chanceOf,
  emails,
  keys,
  LeakBucket,
  names,
  randomList,
} from "./leak-bucket.ts";
import { listAll, wordsTold, wrongAtRest } from "./leak-listing.ts";
import { canary, Oracle } from "./leak-oracle.ts";
import { type LeakServer, makeLeakSite, type Person } from "./leak-server.ts";
import type { PlainGroup, PlainUser } from "./principals-plain.ts";

/** What a run saw: a simulation that sees nothing proves nothing. */
export type Seen = {
  readonly leaks: string[];
  seeds: number;
  questions: number;
  words: number;
  /** Documents in administrators' lists. */
  listed: number;
  syncs: number;
  crashes: number;
};

const directCount = 2;
const documents = Array.from({ length: keys.length + directCount }, (_, i) => i);
const asksAtOnce = 6;

/** Where seeds happen, one after the other. */
export class LeakWorld {
  readonly #server: LeakServer;
  readonly #seed: number;
  readonly #seen: Seen;
  #chance: Chance;
  readonly #oracle: Oracle;
  readonly #ids: { applicationId: string; indexId: string; retrieverId: string };
  readonly #dataSourceId: string;
  readonly #conversations = new Map<string, string[]>();
  readonly #bucket: LeakBucket;
  #version = 0;

  private constructor(
    about: { readonly server: LeakServer; readonly seed: number; readonly seen: Seen },
    ids: { applicationId: string; indexId: string; retrieverId: string; dataSourceId: string },
  ) {
    const { dataSourceId, ...rest } = ids;
    this.#server = about.server;
    this.#seed = about.seed;
    this.#seen = about.seen;
    this.#ids = rest;
    this.#dataSourceId = dataSourceId;
    this.#chance = chanceOf(about.seed + 1);
    const { bucket: name, folder } = about.server;
    this.#bucket = new LeakBucket({ name, folder, seed: about.seed });
    this.#oracle = new Oracle(about.seed, { users: [], groups: [] });
  }

  static async open(server: LeakServer, seed: number, seen: Seen): Promise<LeakWorld> {
    const ids = await makeLeakSite(server);
    await rm(server.folder, { recursive: true, force: true });
    await mkdir(server.folder);
    const world = new LeakWorld({ server, seed, seen }, ids);
    await world.#changeBucket();
    await world.#sync({ dies: false });
    return world;
  }

  #changeBucket(): Promise<void> {
    return this.#bucket.change(this.#chance, () => this.#nextVersion());
  }

  #nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }

  async close(): Promise<void> {
    const { applicationId } = this.#ids;
    if (this.#chance(2) === 0) await this.#server.call("DeleteApplication", { applicationId });
  }

  /** Something changes, and people ask meanwhile; then everybody is shown what they may see. */
  async step(seed: number): Promise<void> {
    this.#chance = chanceOf(seed + 1);
    const change = this.#chance(10);
    if (change < 2) await this.#changeGroup();
    else if (change < 3) await this.#changeUser();
    else if (change < 5) await this.#putDirect();
    else {
      await this.#changeBucket();
      await this.#sync({ dies: this.#chance(3) === 0 });
    }
    await this.#ask();
    await this.#look();
  }

  /** Nothing is under way: everybody finds what they may, and nothing else. */
  async #look(): Promise<void> {
    const pairs = (document: number): number => this.#oracle.pairsOf(document).length;
    const isBucket = (document: number): boolean => document < keys.length;
    const wrong = wrongAtRest(await this.#listDocuments(), {
      there: documents
        .filter((one) => pairs(one) === 1 && (!isBucket(one) || this.#isSynced(one)))
        .map((document) => this.#word(document, 0)),
      gone: documents
        .filter((one) => pairs(one) === 0 && !isBucket(one))
        .map((document) => this.#word(document, 0)),
    });
    for (const name of wrong) {
      this.#seen.leaks.push(`seed ${this.#seed}: the list of documents is wrong about ${name}`);
    }
    for (const email of emails) {
      const person = { email, groups: [] };
      const told = await this.#search(person);
      const { must, may } = this.#oracle.visible(person);
      for (const document of must) {
        // Of what failed, the old version stays, and fewer may see it.
        const isFine = document >= keys.length || this.#isSynced(document);
        if (!isFine || told.includes(this.#word(document, 0))) continue;
        const what = `${email} does not find ${this.#word(document, 0)} in ${told.slice(0, 500)}`;
        this.#seen.leaks.push(`seed ${this.#seed}: ${what}`);
      }
      const found = new Set(told.match(/zq[0-9a-z]+qz/g) ?? []);
      const allowed = new Set(may.map((document) => this.#word(document, 0)));
      for (const word of found) {
        if (word.endsWith("x0qz") && !allowed.has(word)) this.#report("at rest", word, person);
      }
    }
  }

  /** The administrator's list of documents: names, and nothing of what stands in them. */
  async #listDocuments(): ReturnType<typeof listAll> {
    const listed = await listAll(this.#server, this.#ids);
    this.#seen.listed += listed.length;
    const names = documents.map((document) => this.#word(document, 0));
    for (const word of wordsTold(listed, new Set(names))) {
      this.#seen.leaks.push(`seed ${this.#seed}: the list of documents told ${word}`);
    }
    return listed;
  }

  #word(document: number, version: number): string {
    return canary(this.#seed, document, version);
  }

  #report(where: string, word: string, { email, groups }: Person): void {
    const who = `${email} [${groups.join(" ")}]`;
    this.#seen.leaks.push(`seed ${this.#seed}: ${where} told ${who} ${word}`);
  }

  /** Whether what is in the bucket is what was published last. */
  #isSynced(document: number): boolean {
    return !this.#bucket.isAclBroken && this.#bucket.pairOf(document) !== undefined;
  }

  async #sync({ dies }: { readonly dies: boolean }): Promise<void> {
    const { applicationId, indexId } = this.#ids;
    const dataSourceId = this.#dataSourceId;
    const place = { indexId, dataSourceId };
    const next = keys.map((_, document) =>
      this.#bucket.pairsOf(document, this.#oracle.pairsOf(document)),
    );
    for (const [document, pairs] of next.entries()) {
      if (!this.#bucket.isAclBroken) this.#oracle.mayBe(document, place, pairs, { only: false });
    }
    if (dies) this.#server.dieAfter(1 + this.#chance(8), this.#chance(2) === 0);
    const path = { applicationId, indexId, dataSourceId };
    await this.#server.call("StartDataSourceSyncJob", path);
    this.#seen.syncs += 1;
    await this.#askWhile(async () => {
      if (dies) {
        for (let i = 0; i < 200 && !this.#server.isDead(); i += 1) {
          if (i > 5 && (await this.#isOver())) break;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        this.#seen.crashes += 1;
        await this.#server.revive({ all: this.#chance(16) === 0 });
      }
      await this.#server.idle();
    });
    if (this.#bucket.isAclBroken) return;
    for (const [document, pairs] of next.entries()) {
      this.#oracle.mayBe(document, place, pairs, { only: true });
    }
  }

  async #isOver(): Promise<boolean> {
    const { applicationId, indexId } = this.#ids;
    const path = { applicationId, indexId, dataSourceId: this.#dataSourceId, maxResults: 1 };
    const { history = [] } = await this.#server.call("ListDataSourceSyncJobs", path);
    return history[0]?.endTime !== undefined;
  }

  async #putDirect(): Promise<void> {
    const { applicationId, indexId } = this.#ids;
    const document = keys.length + this.#chance(directCount);
    const id = this.#word(document, 0);
    const place = { indexId };
    if (this.#chance(4) === 0) {
      await this.#server.call("BatchDeleteDocument", {
        applicationId,
        indexId,
        documents: [{ documentId: id }],
      });
      this.#oracle.mayBe(document, place, [], { only: true });
      return;
    }
    const version = this.#nextVersion();
    const list = randomList(this.#chance);
    this.#oracle.mayBe(document, place, [{ version, list }], { only: false });
    const word = this.#word(document, version);
    await this.#server.call("BatchPutDocument", {
      applicationId,
      indexId,
      documents: [
        {
          id,
          title: `Harbour ${word}`,
          content: { blob: Buffer.from(`The harbour master keeps ${word} in the shed.`) },
          contentType: "PLAIN_TEXT",
          ...(list === undefined ? {} : { accessConfiguration: list as never }),
        },
      ],
    });
    await this.#askWhile(() => this.#server.idle());
    this.#oracle.mayBe(document, place, [{ version, list }], { only: true });
  }

  async #changeGroup(): Promise<void> {
    const { applicationId, indexId } = this.#ids;
    const groupName = names[this.#chance(names.length)] ?? "";
    const dataSourceId = this.#chance(3) === 0 ? this.#dataSourceId : undefined;
    const source = dataSourceId === undefined ? {} : { dataSourceId };
    const { users, groups } = this.#oracle.store;
    const others = groups.filter(
      (one) => one.name !== groupName || one.dataSourceId !== dataSourceId,
    );
    const path = { applicationId, indexId, groupName, ...source };
    if (this.#chance(4) === 0) {
      const end = this.#oracle.storeBecomes({ users, groups: others });
      await this.#askWhile(() => this.#server.call("DeleteGroup", path).catch(notThere));
      return end();
    }
    const memberUsers = emails.filter(() => this.#chance(2) === 0).map((userId) => ({ userId }));
    const memberGroups = names
      .filter((name) => name !== groupName && this.#chance(3) === 0)
      .map((name) => ({ groupName: name }));
    const group: PlainGroup = { indexId, ...source, name: groupName, memberUsers, memberGroups };
    const end = this.#oracle.storeBecomes({ users, groups: [...others, group] });
    const type = dataSourceId === undefined ? "INDEX" : "DATASOURCE";
    const groupMembers = { memberUsers, memberGroups };
    await this.#askWhile(() => this.#server.call("PutGroup", { ...path, type, groupMembers }));
    end();
  }

  /** Somebody gets the alias that lists name, instead of whoever had it. */
  async #changeUser(): Promise<void> {
    const { applicationId } = this.#ids;
    const { users, groups } = this.#oracle.store;
    const [holder] = users;
    if (holder !== undefined) {
      const end = this.#oracle.storeBecomes({ users: [], groups });
      const path = { applicationId, userId: holder.userId };
      await this.#askWhile(() => this.#server.call("DeleteUser", path).catch(notThere));
      return end();
    }
    const userId = emails[this.#chance(emails.length)] ?? "";
    const user: PlainUser = { userId, aliases: [{ userId: "alias" }] };
    const path = { applicationId, userId };
    const end = this.#oracle.storeBecomes({ users: [user], groups });
    await this.#askWhile(async () => {
      await this.#server.call("CreateUser", path).catch(notThere);
      const userAliasesToUpdate = [{ userId: "alias" }];
      await this.#server.call("UpdateUser", { ...path, userAliasesToUpdate });
    });
    end();
  }

  /** Asks, one question after the other, until something has happened. */
  async #askWhile(happens: () => Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const asking = (async () => {
      for (let i = 0; i < asksAtOnce && !over.signal.aborted; i += 1) {
        await this.#ask();
        await new Promise((resolve) => setTimeout(resolve, this.#chance(6)));
      }
    })();
    try {
      await happens();
    } finally {
      over.abort();
      await asking;
    }
  }

  async #ask(): Promise<void> {
    const person: Person = {
      email: emails[this.#chance(emails.length)] ?? "",
      groups: this.#chance(3) === 0 ? [names[this.#chance(names.length)] ?? ""] : [],
    };
    const from = this.#oracle.tick();
    this.#seen.questions += 1;
    const { told, own = "", since = from, about = person } = await this.#question(person);
    this.#seen.words += told.match(/zq[0-9a-z]+qz/g)?.length ?? 0;
    // Conversations keep what was said to somebody when they came with other groups.
    const groups = since === 0 ? [[], ...names.map((name) => [name])] : [about.groups];
    const whoever = groups.map((some) => ({ email: about.email, groups: some }));
    for (const word of this.#oracle.leaks(told, whoever, { from: since, own })) {
      this.#report("an answer", word, about);
    }
  }

  async #question(person: Person): Promise<{
    readonly told: string;
    /** Words that the question itself had. */
    readonly own?: string;
    /** Since when what is told may have been true. */
    readonly since?: number;
    readonly about?: Person;
  }> {
    const { applicationId, indexId } = this.#ids;
    const kind = this.#chance(9);
    if (kind === 8) {
      // What is listed is judged by itself; a refusal must not tell anything, either.
      return { told: await this.#tell(() => this.#listDocuments().then(() => "")) };
    }
    if (kind < 3) return { told: await this.#search(person) };
    if (kind < 5) {
      const userMessage = "What does the harbour master keep in the shed?";
      const mine = this.#conversations.get(person.email) ?? [];
      const conversationId = this.#chance(2) === 0 ? mine.at(-1) : undefined;
      // What was said before in a conversation may be said again.
      const since = conversationId === undefined ? {} : { since: 0 };
      const input = { applicationId, userMessage, ...(conversationId && { conversationId }) };
      const answer = await this.#tell(() => this.#server.call("ChatSync", input as never, person));
      const id = /"conversationId":"([^"]+)"/.exec(answer)?.[1];
      if (id !== undefined) this.#conversations.set(person.email, [...mine, id]);
      return { told: answer, ...since };
    }
    if (kind < 6) {
      // Conversations keep their text; whoever may see it now or not could see it then.
      const conversationId = this.#conversations.get(person.email)?.at(-1) ?? this.#ids.indexId;
      const input = { applicationId, conversationId };
      const told = await this.#tell(() => this.#server.call("ListMessages", input, person));
      return { told, since: 0 };
    }
    const document = this.#chance(keys.length + directCount);
    const isDirect = document >= keys.length;
    const documentId = isDirect
      ? this.#word(document, 0)
      : `s3://${this.#server.bucket}/${this.#bucket.keyOf(document)}`;
    const source = isDirect ? {} : { dataSourceId: this.#dataSourceId };
    const input = { applicationId, indexId, documentId, ...source };
    if (kind < 7) {
      const told = await this.#tell(() => this.#server.call("GetDocumentContent", input, person));
      // An address is as good as the text behind it.
      const isOpen = told.includes("presignedUrl");
      return isOpen ? { told: `${told} ${this.#word(document, 0)}` } : { told, own: documentId };
    }
    // The administrator asks about the person, whose provider's groups are not known here.
    const check = { ...input, userId: person.email };
    const told = await this.#tell(() => this.#server.call("CheckDocumentAccess", check));
    const isOpen = told.includes('"hasAccess":true');
    return { told: isOpen ? this.#word(document, 0) : "", about: { ...person, groups: [] } };
  }

  async #search(person: Person): Promise<string> {
    const { applicationId, retrieverId } = this.#ids;
    const queryText = "harbour master shed";
    const contentSource = { retriever: { retrieverId } };
    const input = { applicationId, queryText, contentSource, maxResults: 100 };
    return this.#tell(() => this.#server.call("SearchRelevantContent", input, person));
  }

  /** An answer as text, or a refusal with all that it says. */
  async #tell(call: () => Promise<unknown>): Promise<string> {
    try {
      return JSON.stringify(await call());
    } catch (error) {
      assert.ok(error instanceof Error);
      // A server that is being started again answers nobody.
      return `${error.name} ${error.message} ${JSON.stringify(error)}`;
    }
  }
}

function notThere(error: unknown): void {
  const name = error instanceof Error ? error.name : "";
  assert.ok(["ResourceNotFoundException", "ConflictException"].includes(name), String(error));
}
