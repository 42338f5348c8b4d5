// Which classes a viewer may see in an index, as of now. What was worked out is kept, with the
// versions of everything that it rests on; a change of the user store, and of a list, counts from
// the next question.
import { canonicalEmail } from "../core/email.ts";
import { type Log, silentLog } from "../core/log.ts";
import type { Viewer } from "../core/viewer.ts";
import { resolveMembership } from "../principals/principals.ts";
import { aclClasses, principals, type Readable, segments } from "../store/store.ts";
import { parseAcl, type Subject, subjectOf } from "./access.ts";
import { AclIndex } from "./acl-index.ts";
import { ByteCache } from "./byte-cache.ts";
import type { ClassSet } from "./class-set.ts";

type Versions = Awaited<ReturnType<typeof principals.accessVersions>>;
type Entry = {
  readonly versions: Versions;
  readonly subject: Subject;
  readonly classes: ClassSet;
  /** What the classes were decided with; slots above `decided` have not been looked at yet. */
  readonly index: AclIndex;
  readonly decided: number;
};

/** Who asks, and where. */
export type Looker = { readonly indexId: string; readonly viewer: Viewer };

const classesPerRead = 500;
const cacheBytesMax = 64 * 1024 * 1024;

/** What a name costs in memory, about; it is shared with the store's answer. */
const bytesPerName = 100;

/** Published: groups of a user beyond these are not considered. Here they are, since any may deny. */
const groupsPerUserMax = 1000;

/** Knows all ACL classes, and who sees them. Only what is new or has changed is read. */
export class AclDirectory {
  #index = new AclIndex();
  /** What was read: all classes as they were after this change. */
  #revision = 0;
  readonly #viewers = new ByteCache<string, Entry>(cacheBytesMax);
  readonly #log: Log;
  #reading: Promise<void> = Promise.resolve();

  constructor(log: Log = silentLog) {
    this.#log = log;
  }

  /** The classes that a viewer may see in an index, as of now. */
  async visibleTo(db: Readable, looker: Looker): Promise<ClassSet> {
    // Read first: what is worked out below is then at least as new as these.
    const versions = await principals.accessVersions(db, looker.indexId);
    if (versions.aclRevision > this.#revision) await this.#readInTurn(db);
    return this.#classesFor(db, looker, { versions, snapshot: segments.snapshot });
  }

  /**
   * The same, as of the one moment that `db` shows: a snapshot that keeps all other readers of its
   * connection out while this runs. What else is read from it was true together with this.
   */
  async visibleAt(db: Readable, looker: Looker): Promise<ClassSet> {
    const versions = await principals.accessVersions(db, looker.indexId);
    // Whoever is reading in turn waits for us, so we cannot wait for them.
    while (versions.aclRevision > this.#revision) await this.#readSome(db);
    return this.#classesFor(db, looker, { versions, snapshot: (same, look) => look(same) });
  }

  /** Reads all classes that there are, so that the first question need not. */
  async warmUp(db: Readable): Promise<void> {
    await this.#readInTurn(db);
  }

  async #classesFor(
    db: Readable,
    { indexId, viewer }: Looker,
    by: { readonly versions: Versions; readonly snapshot: typeof segments.snapshot },
  ): Promise<ClassSet> {
    const { versions } = by;
    const key = cacheKey(indexId, viewer);
    const known = this.#viewers.get(key);
    const isCurrent =
      known !== undefined &&
      known.versions.applicationId === versions.applicationId &&
      known.versions.users === versions.users &&
      known.versions.groups === versions.groups;
    const isSame = isCurrent && known.index === this.#index;
    if (isSame && known.decided === this.#index.last) return known.classes;
    if (viewer.kind === "anonymous") {
      return this.#keep(key, { versions, subject: new Set(), ...this.#decide("anonymous") });
    }
    if (isCurrent) {
      const { subject, classes: before, decided: after } = known;
      return this.#keep(key, {
        ...known,
        ...this.#decide(subject, isSame ? { before, after } : undefined),
      });
    }
    const resolved = await by.snapshot(db, (inner) => this.#resolve(inner, indexId, viewer));
    return this.#keep(key, { ...resolved, ...this.#decide(resolved.subject) });
  }

  #decide(
    subject: Subject | "anonymous",
    known?: Parameters<AclIndex["visible"]>[1],
  ): Pick<Entry, "classes" | "decided" | "index"> {
    const index = this.#index;
    return { classes: index.visible(subject, known), decided: index.last, index };
  }

  #keep(key: string, entry: Entry): ClassSet {
    const bytes = key.length + entry.classes.byteLength + entry.subject.size * bytesPerName;
    this.#viewers.set(key, entry, bytes);
    return entry.classes;
  }

  /** Versions and memberships of one snapshot. */
  async #resolve(
    db: Readable,
    indexId: string,
    viewer: Extract<Viewer, { kind: "user" }>,
  ): Promise<Pick<Entry, "versions" | "subject">> {
    const versions = await principals.accessVersions(db, indexId);
    const { applicationId } = versions;
    const { email: userId, groups } = viewer;
    const membership = await resolveMembership(db, { applicationId, indexId, userId, groups });
    const count = membership.groups.length;
    if (count > groupsPerUserMax) this.#log("warn", "access.manyGroups", { indexId, count });
    return { versions, subject: subjectOf(membership) };
  }

  /** One after the other: they would read the same. */
  #readInTurn(db: Readable): Promise<void> {
    const read = this.#reading.then(async () => {
      if (this.#index.isWorn) await this.#readAnew(db);
      while ((await this.#readSome(db)) === classesPerRead) {
        // Others get their turn: after a start there may be a hundred thousand to read.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    this.#reading = read.catch(() => undefined);
    return read;
  }

  /** Gives how many there were to read. */
  async #readSome(db: Readable): Promise<number> {
    const index = this.#index;
    const rows = await aclClasses.listAfter(db, this.#revision, classesPerRead);
    for (const { id, canonical, revision } of rows) {
      // Somebody else may have read on meanwhile.
      if (index !== this.#index || revision <= this.#revision) continue;
      index.put(id, parseAcl(canonical));
      this.#revision = revision;
    }
    return rows.length;
  }

  /** Leaves behind what lists said before. */
  async #readAnew(db: Readable): Promise<void> {
    const index = new AclIndex();
    let after = 0;
    for (let read = classesPerRead; read === classesPerRead;) {
      const rows = await aclClasses.listAfter(db, after, classesPerRead);
      for (const { id, canonical, revision } of rows) {
        index.put(id, parseAcl(canonical));
        after = revision;
      }
      read = rows.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (after < this.#revision) return;
    this.#index = index;
    this.#revision = after;
  }
}

function cacheKey(indexId: string, viewer: Viewer): string {
  if (viewer.kind === "anonymous") return `${indexId}/`;
  // As JSON, because a group's name may hold any separator.
  return `${indexId}/${JSON.stringify([canonicalEmail(viewer.email), ...viewer.groups])}`;
}
