// Nobody is ever told what they may not see, whatever changes and dies meanwhile. A seed that
// fails is run again with QUARRY_LEAK_SEED.
import assert from "node:assert/strict";
import process from "node:process";
import { after, before, test } from "node:test";
import type { Viewer } from "../../src/core/viewer.ts";
import { createExtractor, type Extractor } from "../../src/documents/documents.ts";
import type { Search } from "../../src/search/search.ts";
import { runLeakWorlds } from "./leak-run.ts";

const seeds = 200;
const first = Number(process.env["QUARRY_LEAK_SEED"] ?? 1);

let extractor: Extractor;
before(() => {
  extractor = createExtractor({ processes: 2 });
});
after(() => extractor[Symbol.asyncDispose]());

test(`nobody is told what they may not see, whatever changes, in ${seeds} seeds`, async (t) => {
  const seen = await runLeakWorlds({ extractor, first, seeds, servers: 3 });
  assert.deepEqual(seen.leaks, []);
  const { seeds: run, questions, words, listed, syncs, crashes } = seen;
  t.diagnostic(`${questions} questions, ${words} words, ${syncs} syncs, ${crashes} crashes`);
  assert.ok(listed > seeds, JSON.stringify(seen));
  assert.equal(run, seeds);
  const isMuch = questions > 5 * seeds && words > questions && syncs > seeds / 2;
  assert.ok(isMuch && crashes > seeds / 20, JSON.stringify(seen));
});

/** Engines that are wrong in one way each. */
const spoiled: Readonly<Record<string, (search: Search) => Search>> = {
  "answers anew what it answered before": (search) => {
    const before = new Map<string, ReturnType<Search["retrieve"]>>();
    return {
      ...search,
      [Symbol.asyncDispose]: () => search[Symbol.asyncDispose](),
      retrieve: (query) => {
        const key = JSON.stringify([query.indexId, query.viewer, query.text]);
        const kept = before.get(key) ?? search.retrieve({ ...query, limit: 100 });
        before.set(key, kept);
        return kept;
      },
    };
  },
  "takes groups for those of the provider": (search) => ({
    ...search,
    [Symbol.asyncDispose]: () => search[Symbol.asyncDispose](),
    retrieve: (query) => search.retrieve({ ...query, viewer: withGroup(query.viewer, "sales") }),
  }),
  "shows every document whose text is asked for": (search) => ({
    ...search,
    [Symbol.asyncDispose]: () => search[Symbol.asyncDispose](),
    visible: async (query) => {
      const all = ["ada@x.com", "bob@x.com", "eve@x.com"].map((email) =>
        search.visible({ ...query, viewer: { kind: "user", email, groups: [] } }),
      );
      return new Map((await Promise.all(all)).flatMap((one) => [...one]));
    },
  }),
};

function withGroup(viewer: Viewer, name: string): Viewer {
  return viewer.kind === "user" ? { ...viewer, groups: [...viewer.groups, name] } : viewer;
}

for (const [what, spoil] of Object.entries(spoiled)) {
  test(`the simulation finds an engine that ${what}`, async () => {
    const seen = await runLeakWorlds({ extractor, spoil, first: 1, seeds, servers: 1 });
    assert.notDeepEqual(seen.leaks, []);
  });
}
