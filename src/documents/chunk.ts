import { plainText } from "./block.ts";
import type { Block, Chunk } from "./block.ts";
import { chunkLimits } from "./limits.ts";
import { unitsOf } from "./units.ts";
import type { Unit } from "./units.ts";

const { tokensMin, tokensTarget, tokensMax, overlapTokensMax } = chunkLimits;

/**
 * Packs the blocks of a document into chunks of 250 to 400 tokens, never above 512, in linear time.
 *
 * Prose is cut between sentences and one sentence is repeated; a table is cut between rows and its
 * header repeated; small tables and code stay whole; a heading stays with what follows it. Only a
 * row, line or sentence that is itself larger than a chunk is cut inside. Every character but white
 * space is in some chunk. `text` is `plainText(blocks)` for callers that have it at hand.
 */
export function chunkBlocks(blocks: readonly Block[], text = plainText(blocks)): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let open: Unit[] = [];
  let openTokens = 0;

  const start = (units: Unit[]): void => {
    open = units;
    openTokens = units.reduce((sum, unit) => sum + unit.tokens, repeatedHeaderTokens(units[0]));
  };
  const close = (): void => {
    if (open.length > 0) chunks.push(toChunk(text, chunks.length, open, openTokens));
  };

  for (const unit of unitsOf(text, blocks)) {
    const last = open.at(-1);
    if (last === undefined) {
      start([unit]);
      continue;
    }
    if (belongs(unit, last, openTokens)) {
      open.push(unit);
      openTokens += unit.tokens;
      continue;
    }
    const carried = carriedOver(open, unit);
    open = open.slice(0, open.length - carried.withheld);
    openTokens -= carried.withheldTokens;
    close();
    start([...carried.units, unit]);
  }
  close();
  return chunks;
}

/** Whether the open chunk goes on with `unit`. */
function belongs(unit: Unit, last: Unit, openTokens: number): boolean {
  const together = openTokens + unit.tokens;
  if (openTokens < tokensMin) return together <= tokensMax;
  // Headings that follow each other stay together.
  if (unit.kind === "heading" && last.kind !== "heading") return false;
  if (unit.page !== last.page) return false;
  // What fits into a chunk of its own is not torn apart.
  const isWhole = unit.kind === "table" || unit.kind === "code";
  if (isWhole && unit.blockTokens <= tokensTarget && openTokens + unit.blockTokens > tokensMax) {
    return false;
  }
  return together <= (isWhole && unit.blockTokens <= tokensTarget ? tokensMax : tokensTarget);
}

/** What the next chunk takes from the end of this one, besides `unit`. */
function carriedOver(
  open: readonly Unit[],
  unit: Unit,
): { readonly units: Unit[]; readonly withheld: number; readonly withheldTokens: number } {
  const headings = open.slice(open.findLastIndex((one) => one.kind !== "heading") + 1);
  const headingTokens = headings.reduce((sum, one) => sum + one.tokens, 0);
  const fits = headings.length < open.length && headingTokens + unit.tokens <= tokensMax;
  if (headings.length > 0 && fits) {
    return { units: [...headings], withheld: headings.length, withheldTokens: headingTokens };
  }
  const last = open.at(-1);
  const isRepeated =
    last?.kind === "paragraph" &&
    unit.kind === "paragraph" &&
    last.headingPath === unit.headingPath &&
    last.page === unit.page &&
    last.tokens <= overlapTokensMax &&
    open.length > 1;
  return { units: isRepeated ? [last] : [], withheld: 0, withheldTokens: 0 };
}

function repeatedHeaderTokens(first: Unit | undefined): number {
  return first === undefined ? 0 : (repeatedHeader(first)?.tokens ?? 0);
}

/** The table header to put before a chunk that begins inside a table. */
function repeatedHeader(first: Unit): Unit["header"] {
  return first.header !== undefined && first.begin > first.header.end ? first.header : undefined;
}

function toChunk(text: string, ordinal: number, units: readonly Unit[], tokens: number): Chunk {
  const first = units[0];
  const last = units.at(-1);
  if (first === undefined || last === undefined) throw new Error("a chunk has at least one unit");
  const header = repeatedHeader(first);
  const own = text.slice(first.begin, last.end);
  return {
    ordinal,
    text: header === undefined ? own : `${header.text}\n${own}`,
    headingPath: first.headingPath,
    ...(first.page === undefined ? {} : { page: first.page }),
    beginOffset: first.begin,
    endOffset: last.end,
    tokens,
  };
}
