import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answerTurn,
  extractiveAnswerer,
  noAnswerText,
  noBlockedPhrases,
  passagesAsked,
} from "./chat.ts";
import { handbook, retrieveFrom } from "../../tests/evals/answers-passages.ts";
import { anonymousViewer } from "../core/viewer.ts";
import type { Answerer, Retrieve, Turn, TurnEvent, TurnMetadata } from "./chat.ts";

const retrieve: Retrieve = async ({ text }) => retrieveFrom(handbook, text);

function turnOf(question: string, more: Partial<Turn> = {}): Turn {
  return {
    question,
    history: [],
    viewer: anonymousViewer,
    blockedPhrases: noBlockedPhrases,
    retrieve,
    answerer: extractiveAnswerer,
    signal: new AbortController().signal,
    ...more,
  };
}

async function run(question: string, more: Partial<Turn> = {}): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of answerTurn(turnOf(question, more))) events.push(event);
  return events;
}

/** Checks the order every turn keeps, and gives what the client ends up with. */
function endOf(events: readonly TurnEvent[]): TurnMetadata {
  const last = events.at(-1);
  assert.ok(last?.kind === "metadata", "the last event is the metadata");
  assert.equal(events.filter(({ kind }) => kind === "metadata").length, 1);
  let text = "";
  let type = "RESPONSE";
  for (const event of events) {
    if (event.kind !== "text") continue;
    assert.notEqual(event.systemMessage, "");
    if (event.systemMessageType !== type) text = "";
    type = event.systemMessageType;
    text += event.systemMessage;
  }
  assert.equal(text, last.finalTextMessage);
  return last;
}

function answererOf(texts: readonly string[], documentId?: string): Answerer {
  return async function* ({ retrieved }) {
    for (const text of texts) yield { kind: "delta", text };
    const passage = retrieved.passages[0];
    if (passage === undefined) return;
    const segment = { beginOffset: 0, endOffset: 1, snippetExcerpt: { text: "leave" } };
    const source = {
      citationNumber: 1,
      title: passage.source.title,
      snippet: passage.text,
      documentId: documentId ?? passage.source.documentId,
      indexId: passage.source.indexId,
      textMessageSegments: [segment],
    };
    yield { kind: "sources", sourceAttributions: [source] };
  };
}

const question = "How long is parental leave?";

test("an answer comes as deltas and ends with its sources", async () => {
  const end = endOf(await run(question));
  assert.equal(end.outcome, "answered");
  assert.match(end.finalTextMessage, /16 weeks/);
  assert.equal(end.sourceAttributions[0]?.title, "Leave policy");
});

test("W11: a question about something else gets the published text and an empty list", async () => {
  const events = await run("How do I tune a harpsichord?");
  assert.deepEqual(events, [
    { kind: "text", systemMessageType: "RESPONSE", systemMessage: noAnswerText },
    {
      kind: "metadata",
      finalTextMessage: "Sorry, I could not find relevant information to complete your request.",
      sourceAttributions: [],
      outcome: "noAnswer",
    },
  ]);
});

test("retrieval gets the viewer, and the words a follow-up leaves unsaid", async () => {
  const asked: unknown[] = [];
  const history = [{ question: "What is the price of the Heron toaster?", answer: "35 EUR" }];
  const spy: Retrieve = async (query) => {
    const { signal, ...rest } = query;
    asked.push(rest);
    assert.ok(signal instanceof AbortSignal);
    return retrieve(query);
  };
  const end = endOf(await run("And its warranty?", { history, retrieve: spy }));
  const text = "And its warranty? price Heron toaster";
  assert.deepEqual(asked, [{ text, viewer: anonymousViewer, limit: passagesAsked }]);
  assert.match(end.finalTextMessage, /3 years/);
});

test("a blocked phrase in the question ends the turn before anything is retrieved", async () => {
  const blockedPhrases = { phrases: ["parental LEAVE"], systemMessageOverride: "Ask Jane." };
  const never: Retrieve = () => assert.fail("retrieved in spite of the blocked phrase");
  const end = endOf(await run(question, { blockedPhrases, retrieve: never }));
  assert.equal(end.finalTextMessage, "Ask Jane.");
  assert.equal(end.outcome, "blocked");
  assert.deepEqual(end.sourceAttributions, []);
});

test("a blocked phrase in the answer replaces it, and is never seen", async () => {
  const events = await run(question, { blockedPhrases: { phrases: ["16 weeks"] } });
  const end = endOf(events);
  assert.equal(end.outcome, "blocked");
  assert.deepEqual(end.sourceAttributions, []);
  assert.ok(!JSON.stringify(events).includes("16 weeks"));
});

test("a phrase late in a streamed answer replaces what was shown before", async () => {
  const words = "the answer begins harmlessly and then names project falcon at last".split(" ");
  const answerer = answererOf(words.map((word) => `${word} `));
  const blockedPhrases = { phrases: ["project falcon"] };
  const events = await run(question, { answerer, blockedPhrases });
  const types = events.map((event) => (event.kind === "text" ? event.systemMessageType : "end"));
  assert.equal(types[0], "RESPONSE");
  assert.deepEqual(types.slice(-2), ["GROUNDED_RESPONSE", "end"]);
  assert.equal(endOf(events).outcome, "blocked");
  assert.ok(!JSON.stringify(events).includes("project"));
});

test("a snippet with a blocked phrase shrinks to its excerpts", async () => {
  const answerer = answererOf(["leave"]);
  const blockedPhrases = { phrases: ["team lead"] };
  const end = endOf(await run(question, { answerer, blockedPhrases }));
  assert.equal(end.outcome, "answered");
  assert.equal(end.sourceAttributions[0]?.snippet, "leave");
});

test("a title with a blocked phrase blocks the answer", async () => {
  const answerer = answererOf(["yes"]);
  const blockedPhrases = { phrases: ["leave policy"] };
  const end = endOf(await run(question, { answerer, blockedPhrases }));
  assert.equal(end.outcome, "blocked");
});

test("an answerer that cites what it was not given is a bug, not an answer", async () => {
  const answerer = answererOf(["yes"], "s3://docs/secret");
  await assert.rejects(run(question, { answerer }), /"s3:\/\/docs\/secret" was cited/);
});

test("a failing retrieval or answerer fails the turn", async () => {
  const broken: Retrieve = async () => Promise.reject(new Error("no engine"));
  await assert.rejects(run(question, { retrieve: broken }), /no engine/);
  const answerer: Answerer = async function* () {
    yield { kind: "delta", text: "half" };
    throw new Error("model gone");
  };
  await assert.rejects(run(question, { answerer }), /model gone/);
});

test("a client that goes away stops the turn: before it, in retrieval, between deltas", async () => {
  const gone = new Error("client gone");
  await assert.rejects(run(question, { signal: AbortSignal.abort(gone) }), gone);

  const inRetrieval = new AbortController();
  const slow: Retrieve = async (query) => {
    inRetrieval.abort(gone);
    return retrieve(query);
  };
  await assert.rejects(run(question, { signal: inRetrieval.signal, retrieve: slow }), gone);

  const later = new AbortController();
  const seen: TurnEvent[] = [];
  const reading = async (): Promise<void> => {
    const answerer = answererOf(["one", "two", "three"]);
    for await (const event of answerTurn(turnOf(question, { answerer, signal: later.signal }))) {
      seen.push(event);
      later.abort(gone);
    }
  };
  await assert.rejects(reading(), gone);
  assert.equal(seen.length, 1);
});

test("leaving the stream early closes the answerer", async () => {
  let isClosed = false;
  const answerer: Answerer = async function* () {
    try {
      for (;;) yield { kind: "delta", text: "more " };
    } finally {
      isClosed = true;
    }
  };
  for await (const event of answerTurn(turnOf(question, { answerer }))) {
    assert.equal(event.kind, "text");
    break;
  }
  assert.ok(isClosed);
});
