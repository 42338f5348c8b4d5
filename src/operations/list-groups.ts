import { principalGroups } from "../store/store.ts";
import { groupScope } from "./group-scope.ts";
import type { Operation } from "./operation.ts";
import { readPage } from "./paging.ts";

/**
 * Groups whose last put was accepted before a time, of the data source that the call names or else
 * of the index ("ListGroups", API reference). A crawler that puts every group it sees finds by it
 * those that are gone.
 */
export const listGroups: Operation<"ListGroups"> = async (input, call) => {
  const { nextToken, maxResults, updatedEarlierThan: acceptedBefore } = input;
  const scope = await groupScope(call, input, "read");
  const { indexId, dataSourceId } = scope;
  const page = await readPage(
    call,
    {
      scope: `groups/${indexId}/${dataSourceId}/${acceptedBefore.getTime()}`,
      nextToken,
      maxResults,
      maxResultsDefault: 10,
    },
    (after, limit) =>
      principalGroups.list(call.db.read, {
        ...scope,
        acceptedBefore,
        after: Number(after ?? 0),
        limit,
      }),
    ({ key }) => String(key),
  );
  return { items: page.items.map(({ name }) => ({ groupName: name })), nextToken: page.nextToken };
};
