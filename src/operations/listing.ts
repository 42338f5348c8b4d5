import { resources, type Resource, type ResourceKind } from "../store/store.ts";
import type { Call } from "./call.ts";
import { type Page, readPage } from "./paging.ts";

/** One page of resources of a kind, in order of creation. */
export function listResources<R>(
  call: Call,
  input: { readonly nextToken?: string | undefined; readonly maxResults?: number | undefined },
  listing: {
    readonly kind: ResourceKind;
    readonly applicationId?: string;
    readonly indexId?: string;
    readonly maxResultsDefault: number;
  },
): Promise<Page<Resource<R>>> {
  const { kind, maxResultsDefault, ...under } = listing;
  const { accountId } = call.caller;
  const parents = [under.applicationId ?? "", under.indexId ?? ""];
  return readPage(
    call,
    {
      scope: [accountId, kind, ...parents].join("/"),
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      maxResultsDefault,
    },
    (after, limit) =>
      resources.list<R>(call.db.read, {
        accountId,
        kind,
        ...under,
        limit,
        ...(after === undefined ? {} : { after: Number(after) }),
      }),
    (item) => String(item.sequence),
  );
}
