// The page's side of its server tier: three calls below the page's own address, same origin, with the session's
// cookie. The header `x-quarry-page` makes them requests that no other site can send without being asked first.
import { asArray, asObject, asString, decodeEvent, type AnswerEvent } from "./events.ts";
import { readLines } from "./lines.ts";

/** What the start screen shows. `expiresAt` is in milliseconds of this computer's clock. */
export type SessionState = {
  readonly title: string;
  readonly subtitle: string;
  readonly welcomeMessage: string;
  readonly samplePrompts: readonly string[];
  readonly applicationName: string;
  readonly expiresAt: number;
};

export type Question = {
  readonly message: string;
  readonly conversationId?: string;
  readonly parentMessageId?: string;
};

/** Why an answer is (not) useful; the names are those of PutFeedback. */
export type Usefulness = {
  readonly usefulness: "USEFUL" | "NOT_USEFUL";
  readonly reason?: string;
  readonly comment?: string;
};

export type Feedback = {
  readonly conversationId: string;
  readonly messageId: string;
  readonly messageUsefulness?: Usefulness;
  readonly messageCopiedAt?: number;
};

/** The session is over or was never there: only a fresh link helps. */
export class SessionOver extends Error {}

/** The network did not carry the request; asking again may help. */
export class NotReached extends Error {}

/** The tier answered with an error of the service. */
export class Refused extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export type Tier = {
  readonly state: () => Promise<SessionState>;
  readonly ask: (question: Question, signal: AbortSignal) => AsyncGenerator<AnswerEvent, void>;
  readonly feedback: (feedback: Feedback) => Promise<void>;
};

/** `pageAddress` is the address of the page, with or without a slash at its end. */
export function openTier(pageAddress: string, now: () => number = Date.now): Tier {
  const base = new URL(pageAddress);
  const url = (name: string): string =>
    `${base.origin}${base.pathname.replace(/\/+$/, "")}/${name}`;
  return {
    async state() {
      const response = await call(url("state"), { headers: { "x-quarry-page": "1" } });
      return decodeState(await response.json(), response.headers.get("date"), now());
    },
    async *ask(question, signal) {
      const response = await call(url("chat"), post(question, signal));
      if (response.body === null) throw new NotReached();
      yield* readEvents(response.body);
    },
    async feedback(feedback) {
      await call(url("feedback"), post(feedback));
    },
  };
}

function post(body: object, signal?: AbortSignal): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", "x-quarry-page": "1" },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  };
}

async function call(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, {
    ...init,
    credentials: "same-origin",
    cache: "no-store",
  }).catch(rethrow);
  if (response.ok) return response;
  const body = asObject(await response.json().catch(() => undefined));
  const error = asObject(body?.["error"]) ?? body;
  const message = asString(error?.["message"]) ?? "";
  if (response.status === 401) throw new SessionOver(message);
  if (response.status === 429) throw new Refused("ThrottlingException", message);
  throw new Refused(asString(error?.["name"]) ?? "InternalServerException", message);
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<AnswerEvent, void> {
  try {
    for await (const line of readLines(body)) {
      const event = decodeEvent(parseJson(line));
      if (event !== undefined) yield event;
    }
  } catch (error) {
    rethrow(error);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Refused("InternalServerException", "The answer could not be read.");
  }
}

/** `fetch` reports a network that fails as a TypeError, also in the middle of a body. */
function rethrow(error: unknown): never {
  if (error instanceof TypeError) throw new NotReached("", { cause: error });
  throw error;
}

/** The server's `Date` shows how far this computer's clock is off, so that the session ends on time. */
function decodeState(value: unknown, date: string | null, now: number): SessionState {
  const state = asObject(value) ?? {};
  const serverNow = date === null ? Number.NaN : Date.parse(date);
  const skew = Number.isFinite(serverNow) ? now - serverNow : 0;
  const expiresAt = state["expiresAt"];
  return {
    title: asString(state["title"]) ?? "",
    subtitle: asString(state["subtitle"]) ?? "",
    welcomeMessage: asString(state["welcomeMessage"]) ?? "",
    samplePrompts: asArray(state["samplePrompts"]).flatMap((prompt) => asString(prompt) ?? []),
    applicationName: asString(state["applicationName"]) ?? "",
    expiresAt: typeof expiresAt === "number" ? expiresAt * 1000 + skew : Number.POSITIVE_INFINITY,
  };
}
