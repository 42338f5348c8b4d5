// What the page's server tier sends: the output events of Chat, one JSON value per line, and its own
// `error`. Members are those of the public API reference (TextOutputEvent, MetadataEvent, SourceAttribution).
// Everything is checked here once; the rest of the page works with these types only.

/** A stretch of the answer that a source supports; offsets are UTF-16 units of the final text. */
export type Segment = {
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly excerpt: string;
};

/** One source of an answer, as the reader sees it. `url` is a link only if it is http or https. */
export type Source = {
  readonly number: number;
  readonly title: string;
  readonly snippet: string;
  readonly url: string | undefined;
  readonly updatedAt: Date | undefined;
  readonly segments: readonly Segment[];
};

type Ids = { readonly conversationId: string | undefined; readonly messageId: string | undefined };

export type AnswerEvent =
  | ({ readonly kind: "text"; readonly delta: string; readonly isGrounded: boolean } & Ids)
  | ({
      readonly kind: "final";
      readonly text: string | undefined;
      readonly sources: readonly Source[];
    } & Ids)
  | { readonly kind: "error"; readonly name: string; readonly message: string };

type Json = Readonly<Record<string, unknown>>;

/** Reads one line of the answer stream. An event of a kind the page does not know is `undefined`. */
export function decodeEvent(value: unknown): AnswerEvent | undefined {
  const line = asObject(value);
  const text = asObject(line?.["textEvent"]);
  if (text !== undefined) {
    return {
      kind: "text",
      delta: asString(text["systemMessage"]) ?? "",
      isGrounded: text["systemMessageType"] === "GROUNDED_RESPONSE",
      ...idsOf(text),
    };
  }
  const final = asObject(line?.["metadataEvent"]);
  if (final !== undefined) {
    return {
      kind: "final",
      text: asString(final["finalTextMessage"]),
      sources: decodeSources(final["sourceAttributions"]),
      ...idsOf(final),
    };
  }
  const error = asObject(line?.["error"]);
  if (error === undefined) return undefined;
  return {
    kind: "error",
    name: asString(error["name"]) ?? "InternalServerException",
    message: asString(error["message"]) ?? "",
  };
}

function idsOf(event: Json): Ids {
  return {
    conversationId: asString(event["conversationId"]),
    messageId: asString(event["systemMessageId"]),
  };
}

/** Sources in the order of their numbers; one without a number gets its place in the list. */
function decodeSources(value: unknown): readonly Source[] {
  return asArray(value)
    .map((item, index) => decodeSource(asObject(item) ?? {}, index + 1))
    .sort((a, b) => a.number - b.number);
}

function decodeSource(source: Json, place: number): Source {
  const number = source["citationNumber"];
  return {
    number: typeof number === "number" && Number.isInteger(number) && number > 0 ? number : place,
    title: asString(source["title"]) ?? asString(source["documentId"]) ?? "Untitled document",
    snippet: asString(source["snippet"]) ?? "",
    url: asString(source["url"]),
    updatedAt: asDate(source["updatedAt"]),
    segments: asArray(source["textMessageSegments"]).flatMap(decodeSegment),
  };
}

function decodeSegment(value: unknown): readonly Segment[] {
  const segment = asObject(value);
  const endOffset = segment?.["endOffset"];
  if (segment === undefined || typeof endOffset !== "number" || !(endOffset >= 0)) return [];
  const beginOffset = segment["beginOffset"];
  return [
    {
      beginOffset: typeof beginOffset === "number" && beginOffset >= 0 ? beginOffset : 0,
      endOffset,
      excerpt: asString(asObject(segment["snippetExcerpt"])?.["text"]) ?? "",
    },
  ];
}

export function asObject(value: unknown): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}

export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Dates travel as seconds since 1970, with fractions. */
export function asDate(value: unknown): Date | undefined {
  const date = typeof value === "number" ? new Date(value * 1000) : undefined;
  return date !== undefined && Number.isFinite(date.getTime()) ? date : undefined;
}
