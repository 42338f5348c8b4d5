import { gapLength, oneLine } from "./block.ts";
import type { Block, BlockKind } from "./block.ts";
import { cutLong } from "./cut.ts";
import type { Span } from "./cut.ts";
import { chunkLimits } from "./limits.ts";
import { sentences } from "./sentences.ts";
import { countTokens } from "./tokens.ts";

/** The header of a table, repeated where the table goes on in another chunk. */
export type TableHeader = { readonly text: string; readonly end: number; readonly tokens: number };

/** The smallest piece the chunker moves: a sentence, a table row, a line of code, a heading. */
export type Unit = Span & {
  readonly kind: BlockKind;
  readonly headingPath: readonly string[];
  readonly page: number | undefined;
  readonly header: TableHeader | undefined;
  /** Tokens of the whole block on its first unit, 0 on the others. */
  readonly blockTokens: number;
};

const labelLengthMax = 200;
const pathLengthMax = 8;

/** The units of all blocks in order, with places in `text`, which is `plainText(blocks)`. */
export function* unitsOf(text: string, blocks: readonly Block[]): Generator<Unit> {
  const headings = createHeadingPath();
  let begin = 0;
  for (const block of blocks) {
    const end = begin + block.text.length;
    if (block.kind === "heading") headings.enter(block);
    const spans = spansOf(text, begin, end, block.kind);
    const header = block.kind === "table" ? headerOf(text, begin, block) : undefined;
    const context = { kind: block.kind, headingPath: headings.path(), page: block.page, header };
    let blockTokens = spans.reduce((sum, span) => sum + span.tokens, 0);
    for (const span of spans) {
      yield { ...span, ...context, blockTokens };
      blockTokens = 0;
    }
    begin = end + gapLength;
  }
}

function spansOf(text: string, begin: number, end: number, kind: BlockKind): readonly Span[] {
  const whole: Span = { begin, end, tokens: countTokens(text, begin, end) };
  if (kind === "heading") return fitting(text, whole);
  if (kind === "paragraph") return prose(text, begin, end);
  return lines(text, begin, end).flatMap((line) =>
    kind === "list" && line.tokens > chunkLimits.tokensTarget
      ? prose(text, line.begin, line.end)
      : fitting(text, line),
  );
}

function prose(text: string, begin: number, end: number): readonly Span[] {
  return sentences(text.slice(begin, end)).flatMap((sentence) => {
    const from = begin + sentence.begin;
    const to = begin + sentence.end;
    return fitting(text, { begin: from, end: to, tokens: countTokens(text, from, to) });
  });
}

function fitting(text: string, span: Span): readonly Span[] {
  if (span.tokens === 0 && text.slice(span.begin, span.end).trim() === "") return [];
  if (span.tokens <= chunkLimits.tokensTarget) return [span];
  return cutLong(text, span.begin, span.end, chunkLimits.tokensTarget);
}

function lines(text: string, begin: number, end: number): readonly Span[] {
  const found: Span[] = [];
  let at = begin;
  while (at < end) {
    const feed = text.indexOf("\n", at);
    const lineEnd = feed === -1 || feed > end ? end : feed;
    const tokens = countTokens(text, at, lineEnd);
    if (tokens > 0) found.push({ begin: at, end: lineEnd, tokens });
    at = lineEnd + 1;
  }
  return found;
}

function headerOf(text: string, begin: number, block: Block): TableHeader | undefined {
  if (block.headerRows === undefined || block.headerRows === 0) return undefined;
  let end = begin - 1;
  for (let row = 0; row < block.headerRows; row += 1) {
    const feed = text.indexOf("\n", end + 1);
    if (feed === -1 || feed >= begin + block.text.length) return undefined;
    end = feed;
  }
  const tokens = countTokens(text, begin, end);
  if (tokens > chunkLimits.headerTokensMax) return undefined;
  return { text: text.slice(begin, end), end, tokens };
}

/** Follows the headings of a document; the path is a new list only after a heading. */
function createHeadingPath(): { enter: (block: Block) => void; path: () => readonly string[] } {
  let open: readonly { readonly level: number; readonly label: string }[] = [];
  let path: readonly string[] = [];
  return {
    enter(block) {
      const level = block.level ?? 1;
      const label = oneLine((block.label ?? block.text).slice(0, labelLengthMax)).toWellFormed();
      const above = open.filter((heading) => heading.level < level).slice(0, pathLengthMax - 1);
      open = [...above, { level, label }];
      path = open.map((heading) => heading.label);
    },
    path: () => path,
  };
}
