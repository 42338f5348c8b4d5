import type { Chunk } from "./block.ts";
import type { ExtractResult } from "./extract.ts";
import { documentLimits } from "./limits.ts";
import type { Reply } from "./messages.ts";

/** How a child ended its work on a document. */
export type Ended =
  | { readonly how: "answered"; readonly result: ExtractResult; readonly rssMb: number }
  | {
      readonly how: "killed";
      readonly code: "timeout" | "memory" | "crashed" | "aborted" | "unreadable";
      /** Whether the reader of the document has another way to read it. */
      readonly hasFallback: boolean;
    };

/** Gathers the replies of a child to one document after the other. */
export type Answer = {
  /** Waits for the end of the next document. */
  readonly begin: () => Promise<Ended>;
  /** Takes a reply; throws when a child answers more than any document may hold. */
  readonly add: (reply: Reply) => void;
  readonly fail: (code: Extract<Ended, { how: "killed" }>["code"]) => void;
};

// Overlaps and repeated headers make chunks longer than the text they come from.
const chunkCharactersMax = 4 * documentLimits.textBytesMax;

type Current = {
  readonly chunks: Chunk[];
  characters: number;
  hasFallback: boolean;
  readonly settle: (ended: Ended) => void;
};

/** Starts with no document; replies to none are dropped. */
export function createAnswer(): Answer {
  let current: Current | undefined;
  const settle = (ended: Ended): void => {
    const done = current;
    current = undefined;
    done?.settle(ended);
  };
  return {
    begin: () =>
      new Promise((resolve) => {
        current = { chunks: [], characters: 0, hasFallback: false, settle: resolve };
      }),
    add(reply) {
      if (current === undefined) return;
      if (reply.kind === "reading") current.hasFallback = reply.hasFallback;
      else if (reply.kind === "chunks") {
        for (const chunk of reply.chunks) current.characters += chunk.text.length;
        if (current.characters > chunkCharactersMax) throw new RangeError("too many chunks");
        current.chunks.push(...reply.chunks);
      } else {
        const { chunks } = current;
        const { result, rssMb } = reply;
        const whole = result.outcome === "extracted" ? { ...result, chunks } : result;
        settle({ how: "answered", result: whole, rssMb });
      }
    },
    fail(code) {
      settle({ how: "killed", code, hasFallback: current?.hasFallback ?? false });
    },
  };
}
