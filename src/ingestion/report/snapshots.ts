import { aclSnapshots, type Database } from "../../store/store.ts";

const linesPerPage = 2000;
const snapshotsPerStep = 2000;

/**
 * Removes what no report needs any more of what access lists once said. It looks at every line there
 * is, a page at a time, and only while no sync runs, because a sync may come to need anything.
 *
 * @returns false where a sync was running or began meanwhile: then it has to be done again.
 */
export async function purgeSnapshots(db: Database): Promise<boolean> {
  const moment = await aclSnapshots.quietMoment(db.read);
  if (moment === undefined) return false;
  const needed = new Set<number>();
  for (let after: aclSnapshots.LinePlace = { jobSequence: -1, documentId: "" }; ;) {
    const { ids, last } = await aclSnapshots.needed(db.read, after, linesPerPage);
    for (const id of ids) needed.add(id);
    if (last === undefined) break;
    after = last;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const purgeAfter = (after: number): Promise<number | undefined> =>
    db.write((trx) => aclSnapshots.purge(trx, moment, { needed, after, limit: snapshotsPerStep }));
  for (let next = await purgeAfter(0); next !== undefined;) next = await purgeAfter(next);
  const now = await aclSnapshots.quietMoment(db.read);
  return now?.lastJob === moment.lastJob;
}
