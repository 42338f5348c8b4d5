// What ListDocuments may tell. It has no viewer: whom it answers is decided by the caller's policies
// alone, and access lists do not filter it (Amazon Q Business API Reference, "ListDocuments"; tests
// of policies are elsewhere). So it may name every document of its own index to whoever may call it,
// and nothing of what stands in one: no title, no text, no list; and no document that is gone.
import type { OutputOf } from "../../src/contract/contract.ts";
import type { LeakServer } from "./leak-server.ts";

type Details = NonNullable<OutputOf<"ListDocuments">["documentDetailList"]>[number];

const perPage = 3;

/** All pages of it, as the administrator gets them. */
export async function listAll(
  server: Pick<LeakServer, "call">,
  index: { readonly applicationId: string; readonly indexId: string },
): Promise<readonly Details[]> {
  const all: Details[] = [];
  let nextToken: string | undefined;
  do {
    const page = { ...index, maxResults: perPage, ...(nextToken && { nextToken }) };
    const answer = await server.call("ListDocuments", page);
    all.push(...(answer.documentDetailList ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return all;
}

/**
 * Words in a listing that are not names of this world's documents.
 *
 * @param names the words by which the documents that there ever were are known.
 */
export function wordsTold(
  listed: readonly Details[],
  names: ReadonlySet<string>,
): readonly string[] {
  const told = JSON.stringify(listed).match(/zq[0-9a-z]+qz/g) ?? [];
  return [...new Set(told)].filter((word) => !names.has(word));
}

/** What is wrong with a listing while nothing is under way. */
export function wrongAtRest(
  listed: readonly Details[],
  expected: { readonly there: readonly string[]; readonly gone: readonly string[] },
): readonly string[] {
  const statusOf = (name: string): string | undefined =>
    listed.find(({ documentId }) => documentId?.includes(name))?.status;
  return [
    ...expected.there.filter((name) => statusOf(name) === undefined),
    ...expected.gone.filter((name) => !["DELETING", undefined].includes(statusOf(name))),
  ];
}
