import { type Conversation, conversations } from "../store/store.ts";
import { contentOf } from "./application-content.ts";
import type { ApplicationRecord } from "./application.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { readPage } from "./paging.ts";
import { signedInUserOf } from "./viewer.ts";

const maxResultsDefault = 100;

/** The user's own conversations, newest first ("ListConversations", API reference). */
export const listConversations: Operation<"ListConversations"> = async (input, call) => {
  const { applicationId } = input;
  const application = await requireApplication<ApplicationRecord>(call, applicationId);
  const { owner } = await signedInUserOf(call, application, input);
  const cipher = await contentOf(call, applicationId);
  const since = new Date(call.now.getTime() - conversations.userRetentionMs);
  const { items, nextToken } = await readPage(
    call,
    {
      scope: `conversations/${applicationId}/${owner}`,
      nextToken: input.nextToken,
      maxResults: input.maxResults,
      maxResultsDefault,
    },
    (after, limit) =>
      conversations.list(
        call.db.read,
        { applicationId, owner, since, limit, ...positionIn(after) },
        cipher,
      ),
    ({ startedAt, id }) => `${startedAt.getTime()}/${id}`,
  );
  return { conversations: items.map(shown), nextToken };
};

function positionIn(
  after: string | undefined,
): Pick<Parameters<typeof conversations.list>[1], "after"> {
  if (after === undefined) return {};
  const [startedMs, id = ""] = after.split("/");
  return { after: { startedAt: new Date(Number(startedMs)), id } };
}

function shown({ id, title, startedAt }: Conversation) {
  return { conversationId: id, title, startTime: startedAt };
}
