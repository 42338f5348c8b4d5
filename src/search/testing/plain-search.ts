// The obvious form of retrieval, to compare the clever one with: every document is looked at, every
// score computed from the definition.
import { termsOf } from "../analyzer.ts";
import {
  type Attribute,
  type AttributeFilter,
  type PlainValue,
  plainValue,
} from "../attributes.ts";
import { b, fieldWeights, k1 } from "../scoring.ts";
import type { IndexableDocument } from "../segment-builder.ts";

/** A ranked chunk. */
export type PlainHit = {
  readonly documentKey: number;
  readonly ordinal: number;
  readonly score: number;
};

/**
 * The best `limit` chunks of the documents that `isVisible` lets pass, as if there were no others;
 * of those, what `isChosen` passes over counts and is not given out, as with a filter.
 */
export function plainSearch(
  documents: readonly IndexableDocument[],
  question: readonly string[],
  options: {
    readonly isVisible: (document: IndexableDocument) => boolean;
    readonly isChosen?: (document: IndexableDocument) => boolean;
    readonly limit: number;
  },
): readonly PlainHit[] {
  const { isVisible, isChosen = () => true } = options;
  const chunks = documents.filter(isVisible).flatMap((document) =>
    document.chunks.map((chunk, ordinal) => ({
      document,
      ordinal,
      length: termsOf(chunk.text).length,
      frequencies: frequenciesOf(document, ordinal),
    })),
  );
  const average = Math.max(1, chunks.reduce((sum, { length }) => sum + length, 0) / chunks.length);
  const terms = [...new Set(question)].map((term) => {
    const df = chunks.filter((chunk) => chunk.frequencies.has(term)).length;
    const rarity = Math.log(1 + (chunks.length - df + 0.5) / (df + 0.5));
    return { term, weight: rarity * question.filter((other) => other === term).length };
  });
  const hits = chunks
    .filter(({ document }) => isChosen(document))
    .map(({ document, ordinal, length, frequencies }) => {
      let score = 0;
      for (const { term, weight } of terms) {
        const f = frequencies.get(term) ?? 0;
        score += (weight * f * (k1 + 1)) / (f + k1 * (1 - b) + ((k1 * b) / average) * length);
      }
      return { documentKey: document.documentKey, ordinal, score };
    });
  return hits
    .filter(({ score }) => score > 0)
    .sort((x, y) => y.score - x.score || x.documentKey - y.documentKey || x.ordinal - y.ordinal)
    .slice(0, options.limit);
}

function frequenciesOf(document: IndexableDocument, ordinal: number): ReadonlyMap<string, number> {
  const chunk = document.chunks[ordinal];
  const counts = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + weight);
  };
  add(chunk?.text ?? "", fieldWeights.text);
  add(document.title, fieldWeights.title);
  for (const heading of chunk?.headingPath ?? []) add(heading, fieldWeights.heading);
  return new Map([...counts].map(([term, count]) => [term, Math.min(count, 255)]));
}

/** Whether a document passes a filter, by the words of the rules. */
export function plainMatches(filter: AttributeFilter, attributes: readonly Attribute[]): boolean {
  const own = (name: string): PlainValue | undefined => {
    const found = attributes.find((attribute) => attribute.name === name);
    return found && plainValue(found.value);
  };
  const leaf = (
    attribute: Attribute | undefined,
    holds: (mine: PlainValue["value"], given: PlainValue["value"]) => boolean,
  ): boolean => {
    if (attribute === undefined) return true;
    const mine = own(attribute.name);
    const given = plainValue(attribute.value);
    if (mine === undefined || given === undefined || mine.type !== given.type) return false;
    return holds(mine.value, given.value);
  };
  const numbers =
    (holds: (x: number, y: number) => boolean) =>
    (x: PlainValue["value"], y: PlainValue["value"]): boolean =>
      typeof x === "number" && typeof y === "number" && holds(x, y);
  const lists =
    (holds: (x: ReadonlySet<string>, y: ReadonlySet<string>) => boolean) =>
    (x: PlainValue["value"], y: PlainValue["value"]): boolean =>
      typeof x === "object" && typeof y === "object" && holds(new Set(x), new Set(y));
  return (
    leaf(filter.equalsTo, (x, y) =>
      typeof x === "object" && typeof y === "object"
        ? [...x].every((one) => y.includes(one)) && [...y].every((one) => x.includes(one))
        : x === y,
    ) &&
    leaf(
      filter.containsAll,
      lists((x, y) => [...y].every((one) => x.has(one))),
    ) &&
    leaf(
      filter.containsAny,
      lists((x, y) => [...y].some((one) => x.has(one))),
    ) &&
    leaf(
      filter.greaterThan,
      numbers((x, y) => x > y),
    ) &&
    leaf(
      filter.greaterThanOrEquals,
      numbers((x, y) => x >= y),
    ) &&
    leaf(
      filter.lessThan,
      numbers((x, y) => x < y),
    ) &&
    leaf(
      filter.lessThanOrEquals,
      numbers((x, y) => x <= y),
    ) &&
    (filter.andAllFilters ?? []).every((child) => plainMatches(child, attributes)) &&
    (filter.orAllFilters?.some((child) => plainMatches(child, attributes)) ?? true) &&
    !(filter.notFilter !== undefined && plainMatches(filter.notFilter, attributes))
  );
}
