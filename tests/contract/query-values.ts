import { type QueryService, queryShapeOf } from "../../src/contract/contract.ts";

/** Numbers from a seed: the same seed makes the same values. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

// Texts for the patterns of the contract; the first that a shape takes is padded to its length.
const samples = ["/a/b-", "/", "v1", "word", '{"a": "é&<>\r\n"}', "a b=c+d/@", "plain <&> text"];
const endings: Readonly<Record<string, string>> = { "/a/b-": "/" };

/** A value that the shape takes. `isDeep` bounds recursion: deep lists are empty. */
export function randomValue(
  service: QueryService,
  name: string,
  random: Random,
  depth = 0,
): unknown {
  const shape = queryShapeOf(service, name);
  switch (shape.type) {
    case "structure": {
      const entries = Object.entries(shape.members).filter(
        // An empty structure in a list has no way to travel: the first member is always there.
        ([member], at) => at === 0 || shape.required.includes(member) || random(3) > 0,
      );
      return Object.fromEntries(
        entries.map(([member, of]) => [member, randomValue(service, of, random, depth + 1)]),
      );
    }
    case "list": {
      const [min] = shape.length ?? [0];
      const length = depth > 6 ? 0 : Math.max(min ?? 0, random(3));
      return Array.from({ length }, () => randomValue(service, shape.member, random, depth + 1));
    }
    case "map":
      return {
        Users: randomValue(service, shape.value, random, depth + 1),
        Roles: randomValue(service, shape.value, random, depth + 1),
      };
    case "enum":
      return shape.values[random(shape.values.length)];
    case "integer":
      return (shape.range?.[0] ?? 0) + random(5);
    case "boolean":
      return random(2) === 0;
    case "timestamp":
      return new Date(1_700_000_000_000 + random(1_000_000) * 1000);
    default:
      return randomText(shape, random);
  }
}

function randomText(
  { length, pattern }: { readonly length?: readonly (number | null)[]; readonly pattern?: string },
  random: Random,
): string {
  const [min, max] = length ?? [null, null];
  const fits = new RegExp(pattern === undefined ? "" : `^(?:${pattern})$`, "u");
  const start = random(samples.length);
  for (let at = 0; at < samples.length; at += 1) {
    const sample = samples[(start + at) % samples.length] ?? "";
    const ending = endings[sample] ?? "";
    const text = (sample + ending).length < (min ?? 0) ? sample.padEnd(min ?? 0, "x") : sample;
    const whole = text + ending;
    if (fits.test(whole) && whole.length <= (max ?? Infinity)) return whole;
  }
  const digits = "1".repeat(min ?? 1);
  if (fits.test(digits)) return digits;
  throw new Error(`no sample fits ${pattern}`);
}
