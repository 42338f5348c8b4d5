// Which classes a viewer may see in an index, as of now. What was worked out is kept, with the
// versions of everything that it rests on; a change of the user store counts from the next question.
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
  /** Classes above this one have not been decided yet. */
  readonly decided: number;
};

const classesPerRead = 500;
const cacheBytesMax = 64 * 1024 * 1024;

/** What a name costs in memory, about; it is shared with the store's answer. */
const bytesPerName = 100;

/** Published: groups of a user beyond these are not considered. Here they are, since any may deny. */
const groupsPerUserMax = 1000;

/** Knows all ACL classes, and who sees them. Classes never change; only new ones are read. */
export class AclDirectory {
  readonly #index = new AclIndex();
  readonly #viewers = new ByteCache<string, Entry>(cacheBytesMax);
  readonly #log: Log;
  #reading: Promise<void> = Promise.resolve();

  constructor(log: Log = silentLog) {
    this.#log = log;
  }

  /** The classes that a viewer may see in an index, as of now. */
  async visibleTo(
    db: Readable,
    { indexId, viewer }: { readonly indexId: string; readonly viewer: Viewer },
  ): Promise<ClassSet> {
    // Read first: what is worked out below is then at least as new as these.
    const versions = await principals.accessVersions(db, indexId);
    if (versions.aclClassLast > this.#index.last) await this.#readNew(db);
    const key = cacheKey(indexId, viewer);
    const known = this.#viewers.get(key);
    const isCurrent =
      known !== undefined &&
      known.versions.applicationId === versions.applicationId &&
      known.versions.users === versions.users &&
      known.versions.groups === versions.groups;
    if (isCurrent && known.decided === this.#index.last) return known.classes;
    if (viewer.kind === "anonymous") {
      return this.#keep(key, { versions, subject: new Set(), ...this.#decide("anonymous") });
    }
    if (isCurrent) {
      const { subject, classes: before, decided: after } = known;
      return this.#keep(key, { ...known, ...this.#decide(subject, { before, after }) });
    }
    const resolved = await this.#resolve(db, indexId, viewer);
    return this.#keep(key, { ...resolved, ...this.#decide(resolved.subject) });
  }

  /** Reads all classes that there are, so that the first question need not. */
  async warmUp(db: Readable): Promise<void> {
    await this.#readNew(db);
  }

  #decide(
    subject: Subject | "anonymous",
    known?: Parameters<AclIndex["visible"]>[1],
  ): Pick<Entry, "classes" | "decided"> {
    return { classes: this.#index.visible(subject, known), decided: this.#index.last };
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
    return segments.snapshot(db, async (inner) => {
      const versions = await principals.accessVersions(inner, indexId);
      const { applicationId } = versions;
      const { email: userId, groups } = viewer;
      const who = { applicationId, indexId, userId, groups };
      const membership = await resolveMembership(inner, who);
      const count = membership.groups.length;
      if (count > groupsPerUserMax) this.#log("warn", "access.manyGroups", { indexId, count });
      return { versions, subject: subjectOf(membership) };
    });
  }

  /** One after the other, so that each class is added once and in order. */
  #readNew(db: Readable): Promise<void> {
    const read = this.#reading.then(async () => {
      for (;;) {
        const rows = await aclClasses.listAfter(db, this.#index.last, classesPerRead);
        for (const { id, canonical } of rows) this.#index.add(id, parseAcl(canonical));
        if (rows.length < classesPerRead) return;
        // Others get their turn: after a start there may be a hundred thousand to read.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    this.#reading = read.catch(() => undefined);
    return read;
  }
}

function cacheKey(indexId: string, viewer: Viewer): string {
  if (viewer.kind === "anonymous") return `${indexId}/`;
  // As JSON, because a group's name may hold any separator.
  return `${indexId}/${JSON.stringify([canonicalEmail(viewer.email), ...viewer.groups])}`;
}
