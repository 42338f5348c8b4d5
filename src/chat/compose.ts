import type { SourceAttribution, SourcePassage, TextSegment } from "./passages.ts";

/** A piece of an answer: what is shown, and the passage's own words that support it. */
export type Piece = {
  readonly passage: SourcePassage;
  readonly shown: string;
  /** Verbatim from the passage. */
  readonly excerpt: string;
  /** Whether it stands on a line of its own: a table row, code. */
  readonly isBlock: boolean;
};

/** A whole answer. The deltas concatenate to the text. */
export type ComposedAnswer = {
  readonly text: string;
  readonly deltas: readonly string[];
  readonly sourceAttributions: readonly SourceAttribution[];
};

/**
 * Joins pieces, in the order given, to a text with its source attributions: numbers in order of
 * first use, one entry per document, one segment per piece. The text holds no markers; clients put
 * the number at `endOffset`. ("Source attribution with citations", ChatSync: TextSegment.)
 */
export function composeAnswer(pieces: readonly Piece[], leadIn = ""): ComposedAnswer {
  let text = leadIn;
  const deltas = leadIn === "" ? [] : [leadIn];
  const cited = new Map<string | number, { passage: SourcePassage; segments: TextSegment[] }>();
  let previous: Piece | undefined;
  for (const piece of pieces) {
    const gap = previous === undefined ? "" : gapBetween(previous, piece);
    const beginOffset = text.length + gap.length;
    const delta = gap + piece.shown;
    text += delta;
    deltas.push(delta);
    const { documentKey } = piece.passage;
    const entry = cited.get(documentKey) ?? { passage: piece.passage, segments: [] };
    cited.set(documentKey, entry);
    entry.segments.push({
      beginOffset,
      endOffset: text.length,
      snippetExcerpt: { text: piece.excerpt },
    });
    previous = piece;
  }
  const sourceAttributions = [...cited.values()].map(({ passage, segments }, i) =>
    attributionOf(passage, i + 1, segments),
  );
  return { text, deltas, sourceAttributions };
}

/** Sentences of one passage run on; anything else begins a line, a new passage a paragraph. */
function gapBetween(previous: Piece, next: Piece): string {
  const { documentKey, ordinal } = previous.passage;
  if (documentKey !== next.passage.documentKey || ordinal !== next.passage.ordinal) return "\n\n";
  if (previous.isBlock || next.isBlock) return "\n";
  return /[.!?…:;。！？]["'”’)\]]?$/u.test(previous.shown) ? " " : "\n";
}

function attributionOf(
  { source, text }: SourcePassage,
  citationNumber: number,
  textMessageSegments: readonly TextSegment[],
): SourceAttribution {
  const { title, url, updatedAt, documentId, indexId, dataSourceId } = source;
  return {
    citationNumber,
    title,
    snippet: text,
    ...(url === undefined ? {} : { url }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    documentId,
    indexId,
    ...(dataSourceId === undefined ? {} : { datasourceId: dataSourceId }),
    textMessageSegments,
  };
}
