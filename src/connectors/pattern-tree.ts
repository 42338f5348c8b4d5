import type { CharSet } from "./char-set.ts";

/** What a pattern means, whichever dialect it was written in. */
export type PatternTree =
  | {
      readonly kind: "chars";
      readonly set: CharSet;
      readonly ignoresCase?: boolean;
      /** Any character but those of the set; decided after upper and lower case were compared. */
      readonly isNegated?: boolean;
    }
  | { readonly kind: "sequence"; readonly parts: readonly PatternTree[] }
  | { readonly kind: "oneOf"; readonly parts: readonly PatternTree[] }
  | { readonly kind: "repeat"; part: PatternTree; readonly min: number; readonly max: number }
  /** Any text without a slash that `part` does not match as a whole. */
  | { readonly kind: "not"; readonly part: PatternTree }
  | { readonly kind: "assert"; readonly at: "start" | "end" | "word" | "notWord" };

/** A pattern that cannot be compiled; the message says why. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}
