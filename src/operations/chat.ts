import type {
  ChatInputStream,
  ChatOutputStream,
  ConfigurationEvent,
} from "../contract/contract.ts";
import { runTurn, type TurnInput, type TurnReply } from "./chat-turn.ts";
import { invalid } from "./not-found.ts";
import type { Operation } from "./operation.ts";

/**
 * Asks a question and streams the answer ("Chat", API reference): input events up to
 * `endOfInputEvent`, then text events, then one metadata event with the sources. The first event
 * goes out as soon as there is text; the JavaScript client waits for it.
 */
export const chat: Operation<"Chat"> = async ({ inputStream, ...input }, call) => {
  const events = await collectInput(inputStream);
  const turn = runTurn(call, { ...input, ...events } as TurnInput);
  return { outputStream: outputEvents(turn) };
};

async function* outputEvents(turn: AsyncIterable<TurnReply>): AsyncGenerator<ChatOutputStream> {
  for await (const { kind, ...event } of turn) {
    if (kind === "metadata") yield { metadataEvent: event };
    else yield { textEvent: event };
  }
}

type CollectedInput = Pick<
  TurnInput,
  "userMessage" | "attributeFilter" | "chatMode" | "unsupported"
>;

/** Reads events until the end of the input; a client that just ends its stream has ended it too. */
async function collectInput(
  events: AsyncIterable<ChatInputStream> | undefined,
): Promise<CollectedInput> {
  let configuration: ConfigurationEvent | undefined;
  let userMessage: string | undefined;
  let unsupported: string | undefined;
  for await (const event of events ?? []) {
    if (event.endOfInputEvent !== undefined) break;
    if (event.configurationEvent !== undefined) {
      if (configuration !== undefined || userMessage !== undefined) {
        throw invalid("configurationEvent", "Member must come once, before all other events");
      }
      configuration = event.configurationEvent;
    } else if (event.textEvent !== undefined) {
      if (userMessage !== undefined) throw invalid("textEvent", "Member must come once");
      userMessage = event.textEvent.userMessage;
    } else {
      unsupported ??= Object.keys(event)[0];
    }
  }
  return {
    userMessage,
    unsupported,
    attributeFilter: configuration?.attributeFilter,
    chatMode: configuration?.chatMode,
  };
}
