import { parseGlob } from "./pattern-glob.ts";
import { compileTree } from "./pattern-machine.ts";
import { parseRegex } from "./pattern-regex.ts";
import { PatternError } from "./pattern-tree.ts";

/** Longest pattern, in UTF-16 units. */
export const patternLengthMax = 1000;

/** A pattern ready to be asked about keys. */
export type Pattern = {
  readonly source: string;
  readonly dialect: "glob" | "regex";
  readonly matches: (key: string) => boolean;
  /** Something the owner of the pattern should know, for the sync log. */
  readonly warning?: string;
};

/**
 * Which language a pattern is written in. The guide calls the same lists regular expressions and
 * glob patterns; what looks like neither is a glob.
 */
export function dialectOf(pattern: string): "glob" | "regex" {
  const isRegex = /^(?:\^|\.\*|\.\+)|\$$|\\|\(\?|\/\.[*+]/.test(pattern);
  return isRegex ? "regex" : "glob";
}

/**
 * Compiles one inclusion or exclusion pattern. A regular expression matches the whole key; a glob
 * without slash the base name; `**` and a slash in front of such a glob change nothing; any other
 * glob matches the whole key; one that starts with a slash matches nothing. Case-sensitive.
 * Matching takes linear time in the length of the key. Source: "Connecting Amazon S3 to Amazon Q
 * Business", inclusion and exclusion patterns.
 *
 * @returns the pattern, or why it is none
 */
export function compilePattern(source: string): Pattern | { readonly error: string } {
  if (source === "") return { error: "the pattern is empty" };
  if (source.length > patternLengthMax) {
    return { error: `the pattern is longer than ${patternLengthMax} characters` };
  }
  const dialect = dialectOf(source);
  try {
    if (dialect === "regex") {
      return { source, dialect, matches: compileTree(parseRegex(source)) };
    }
    return compileGlob(source);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { error: error.message };
  }
}

function compileGlob(source: string): Pattern {
  const glob = { source, dialect: "glob" } as const;
  if (source.startsWith("/")) {
    const warning = `Pattern "${source}" starts with a slash and matches no key.`;
    return { ...glob, matches: () => false, warning };
  }
  const tail = source.startsWith("**/") ? source.slice(3) : source;
  if (tail.includes("/")) return { ...glob, matches: compileTree(parseGlob(source)) };
  const matchesName = compileTree(parseGlob(tail));
  return { ...glob, matches: (key) => matchesName(key.slice(key.lastIndexOf("/") + 1)) };
}
