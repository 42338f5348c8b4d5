import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failed, ListedObject, ListPage } from "./object-store.ts";

/** All objects of a listing and the failure that ended it, if one did. */
export async function collect(
  pages: AsyncIterable<ListPage>,
): Promise<{ readonly objects: ListedObject[]; readonly pages: number; readonly failed?: Failed }> {
  const objects: ListedObject[] = [];
  let count = 0;
  for await (const page of pages) {
    if (page.kind === "failed") return { objects, pages: count, failed: page };
    objects.push(...page.objects);
    count += 1;
  }
  return { objects, pages: count };
}

export const keysOf = (listing: { readonly objects: readonly ListedObject[] }): string[] =>
  listing.objects.map(({ key }) => key);

/** The text of a `get`, or the kind of its failure in brackets. */
export function textOf(got: Failed | { kind: "object"; bytes: Uint8Array }): string {
  return got.kind === "failed" ? `[${got.failure.kind}]` : Buffer.from(got.bytes).toString("utf8");
}

test("a failed page is not taken for an end", async () => {
  async function* pages(): AsyncGenerator<ListPage> {
    yield { kind: "failed", failure: { kind: "denied", bucket: "b", message: "no" } };
  }
  assert.equal((await collect(pages())).failed?.failure.kind, "denied");
});
