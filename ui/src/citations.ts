// Puts citation numbers where a source stops supporting the answer. The service gives offsets into the plain
// final text, so places are found there, before any mark of Markdown is hidden.
import type { Source } from "./events.ts";
import type { Citation, Inline, Leaf } from "./inline.ts";
import type { Block } from "./markdown.ts";

/** Citations that stand at one place of the message, in ascending order of their numbers. */
export type CitationMark = { readonly offset: number; readonly citations: readonly Citation[] };

/**
 * The places of all citations of an answer, in the order of the text. Equal places are merged, a number
 * appears once at a place, an offset beyond the text counts as its end, and no place lies inside a
 * surrogate pair.
 */
export function citationMarks(
  message: string,
  sources: readonly Source[],
): readonly CitationMark[] {
  const byOffset = new Map<number, Map<number, Citation>>();
  for (const { number, segments } of sources) {
    segments.forEach(({ endOffset }, segment) => {
      const offset = wholeCharacter(message, Math.min(Math.floor(endOffset), message.length));
      const here = byOffset.get(offset) ?? new Map<number, Citation>();
      if (!here.has(number)) here.set(number, { number, segment });
      byOffset.set(offset, here);
    });
  }
  return [...byOffset]
    .sort(([a], [b]) => a - b)
    .map(([offset, here]) => ({
      offset,
      citations: [...here.values()].sort((a, b) => a.number - b.number),
    }));
}

function wholeCharacter(message: string, offset: number): number {
  const isLow = /[\uDC00-\uDFFF]/.test(message[offset] ?? "");
  const isHigh = /[\uD800-\uDBFF]/.test(message[offset - 1] ?? "");
  return isLow && isHigh ? offset + 1 : offset;
}

/**
 * Inserts citations into the blocks of the same message. A place inside text splits it there; a place inside
 * code or a link moves to its end; a place among hidden marks belongs to the text before it.
 */
export function placeCitations(
  blocks: readonly Block[],
  marks: readonly CitationMark[],
): readonly Block[] {
  const leaves = blocks.flatMap(leavesOfBlock);
  const byLeaf = new Map<Leaf, CitationMark[]>();
  for (const mark of marks) {
    const leaf = leaves.findLast(({ begin }) => begin < mark.offset) ?? leaves[0];
    if (leaf !== undefined) byLeaf.set(leaf, [...(byLeaf.get(leaf) ?? []), mark]);
  }
  return blocks.map((block) => placeInBlock(block, byLeaf));
}

type Places = ReadonlyMap<Leaf, readonly CitationMark[]>;

function placeInBlock(block: Block, places: Places): Block {
  if (block.kind !== "list") return { ...block, children: placeInline(block.children, places) };
  return {
    ...block,
    items: block.items.map(({ children, blocks }) => ({
      children: placeInline(children, places),
      blocks: blocks.map((inner) => placeInBlock(inner, places)),
    })),
  };
}

function placeInline(nodes: readonly Inline[], places: Places): readonly Inline[] {
  return nodes.flatMap((node): readonly Inline[] => {
    switch (node.kind) {
      case "text":
        return splitText(node, places.get(node) ?? []);
      case "code":
        return [node, ...together(places.get(node) ?? [])];
      case "link":
        return [
          node,
          ...together(leavesOf(node.children).flatMap((leaf) => places.get(leaf) ?? [])),
        ];
      case "strong":
      case "emphasis":
        return [{ ...node, children: placeInline(node.children, places) }];
      case "citations":
        return [node];
    }
  });
}

function splitText(leaf: Leaf, marks: readonly CitationMark[]): readonly Inline[] {
  const nodes: Inline[] = [];
  let begin = leaf.begin;
  for (const mark of marks) {
    const end = Math.max(begin, Math.min(mark.offset, leaf.end));
    if (end > begin) nodes.push(sliceLeaf(leaf, begin, end));
    nodes.push({ kind: "citations", citations: mark.citations });
    begin = end;
  }
  return begin < leaf.end ? [...nodes, sliceLeaf(leaf, begin, leaf.end)] : nodes;
}

function sliceLeaf(leaf: Leaf, begin: number, end: number): Leaf {
  return { ...leaf, text: leaf.text.slice(begin - leaf.begin, end - leaf.begin), begin, end };
}

function together(marks: readonly CitationMark[]): readonly Inline[] {
  return marks.map(({ citations }) => ({ kind: "citations", citations }));
}

function leavesOfBlock(block: Block): readonly Leaf[] {
  if (block.kind !== "list") return leavesOf(block.children);
  return block.items.flatMap(({ children, blocks }) => [
    ...leavesOf(children),
    ...blocks.flatMap(leavesOfBlock),
  ]);
}

function leavesOf(nodes: readonly Inline[]): readonly Leaf[] {
  return nodes.flatMap((node): readonly Leaf[] => {
    if ("children" in node) return leavesOf(node.children);
    return node.kind === "citations" ? [] : [node];
  });
}
