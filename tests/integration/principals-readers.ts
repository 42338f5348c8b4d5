// Who may read a document, all of them at once, compared with the plain evaluator for each of them.
import assert from "node:assert/strict";
import { canonicalEmail } from "../../src/core/email.ts";
import { aclContentOf } from "../../src/ingestion/ingestion.ts";
import { canonicalAcl, listReaders, parseAcl } from "../../src/search/search.ts";
import type { Database } from "../../src/store/store.ts";
import {
  plainAccess,
  type PlainList,
  type PlainPlace,
  type PlainStore,
} from "./principals-plain.ts";

/** Compares for one list; gives how many readers it has. */
export async function compareReaders(
  db: Database,
  store: PlainStore & { readonly applicationId: string },
  { list, place }: { readonly list: PlainList; readonly place: PlainPlace },
): Promise<number> {
  if (list === undefined) return 0;
  const content = aclContentOf(list, place.dataSourceId ?? "") ?? assert.fail("no content");
  const { applicationId } = store;
  const { indexId } = place;
  const contents = [parseAcl(canonicalAcl(content)) ?? assert.fail("no list")];
  const { people, isComplete } = await listReaders(db.read, { applicationId, indexId, contents });
  assert.ok(isComplete);
  const mayRead = (email: string): boolean =>
    plainAccess(store, place, list, { email, groups: [] });
  const about = (who: string): string =>
    `${applicationId}: ${who} ${JSON.stringify({ users: store.users, groups: store.groups, list, place })}`;
  const named = new Set<string>();
  for (const { userId, isKnown, hasAccess, because } of people) {
    const id = canonicalEmail(userId);
    assert.ok(!named.has(id), about(`${id} stands there twice`));
    named.add(id);
    assert.equal(mayRead(id), hasAccess, about(userId));
    assert.ok(because.length > 0, about(`no reason for ${userId}`));
    const isStored = store.users.some((user) => canonicalEmail(user.userId) === id);
    assert.equal(isKnown, isStored, about(userId));
  }
  for (const { userId } of store.users) {
    if (mayRead(userId)) assert.ok(named.has(canonicalEmail(userId)), about(`without ${userId}`));
  }
  return people.filter(({ hasAccess }) => hasAccess).length;
}
