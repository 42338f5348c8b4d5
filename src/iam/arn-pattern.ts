// ARN patterns match part by part: a star before the sixth part never crosses a colon.

import { splitArn } from "./arn.ts";
import { type Glob, compileGlob, globMatches, globTokens } from "./glob.ts";
import type { OwnText } from "./own-text.ts";
import {
  type Resolve,
  type TemplateToken,
  constantGlob,
  parseTemplate,
  resolveTokens,
} from "./template.ts";

/** How a pattern and an ARN compare; `unresolved` whenever a variable has no value. */
export type ArnVerdict = boolean | "unresolved";

export type ArnPattern =
  /** `*` is everything; any other text is the whole ARN. */
  | string
  /** Plain up to somewhere behind the fifth colon: one comparison and one glob. */
  | { readonly head: string; readonly tail: Glob }
  | { readonly parts: readonly Part[]; readonly isDead: boolean };

type Part = { readonly glob: Glob } | { readonly tokens: readonly TemplateToken[] };

export interface ArnPatternRules {
  readonly variables: boolean;
  /** Resource elements take variables in the sixth part only, conditions everywhere. */
  readonly variablesIn: "resource" | "everywhere";
  readonly own: OwnText;
}

/**
 * Compiles an ARN pattern. Missing trailing parts act as `*`. Source: "IAM JSON policy elements:
 * Resource" and "ARN condition operators" in the IAM user guide.
 */
export function compileArnPattern(pattern: string, rules: ArnPatternRules): ArnPattern {
  const plainLength = lengthBeforeSpecial(pattern, rules.variables);
  if (pattern === "*") return pattern;
  if (hasSixParts(pattern.slice(0, plainLength))) {
    if (plainLength === pattern.length) return rules.own(pattern);
    const tail = parseTemplate(rules.own(pattern.slice(plainLength)), {
      ...rules,
      wildcards: true,
    });
    const glob = constantGlob(tail.tokens);
    if (glob !== undefined) return { head: rules.own(pattern.slice(0, plainLength)), tail: glob };
  }
  return partsPattern(rules.own(pattern), rules);
}

/** How far the text goes without a wildcard or a variable. */
function lengthBeforeSpecial(pattern: string, variables: boolean): number {
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at];
    if (char === "*" || char === "?") return at;
    if (variables && char === "$" && pattern[at + 1] === "{") return at;
  }
  return pattern.length;
}

function hasSixParts(text: string): boolean {
  return splitArn(text) !== undefined;
}

function partsPattern(pattern: string, rules: ArnPatternRules): ArnPattern {
  const { tokens } = parseTemplate(pattern, { variables: rules.variables, wildcards: true });
  const groups = splitTokens(tokens);
  const isDead = rules.variablesIn === "resource" && groups.slice(0, 5).flat().some(isVariable);
  const parts = groups.map((group): Part => {
    const glob = constantGlob(group);
    return glob === undefined ? { tokens: group } : { glob };
  });
  return { parts, isDead };
}

/** Compares an ARN with a pattern; only `*` alone covers what is no ARN. */
export function arnVerdict(pattern: ArnPattern, arn: string, resolve: Resolve): ArnVerdict {
  if (typeof pattern === "string") return pattern === "*" || pattern === arn;
  if ("head" in pattern) {
    return arn.startsWith(pattern.head) && globMatches(pattern.tail, arn, pattern.head.length);
  }
  if (pattern.isDead) return "unresolved";
  const values = splitArn(arn);
  let matches = values !== undefined;
  for (const [at, part] of pattern.parts.entries()) {
    // Later parts are looked at even after a mismatch: a missing value must not go unnoticed.
    if (!matches && "glob" in part) continue;
    const verdict = partVerdict(part, values?.[at] ?? "", resolve);
    if (verdict === "unresolved") return verdict;
    if (!verdict) matches = false;
  }
  return matches;
}

function partVerdict(part: Part, value: string, resolve: Resolve): ArnVerdict {
  if ("glob" in part) return globMatches(part.glob, value);
  const tokens = resolveTokens(part.tokens, resolve);
  return tokens === undefined ? "unresolved" : globMatches(compileGlob(tokens), value);
}

/** Splits at the first five colons that stand in plain text, not inside a variable. */
function splitTokens(tokens: readonly TemplateToken[]): readonly (readonly TemplateToken[])[] {
  const groups: TemplateToken[][] = [[]];
  for (const token of tokens) {
    if (typeof token === "string" || !("literal" in token)) {
      groups.at(-1)?.push(token);
      continue;
    }
    let rest = token.literal;
    while (groups.length < 6 && rest.includes(":")) {
      const colon = rest.indexOf(":");
      if (colon > 0) groups.at(-1)?.push({ literal: rest.slice(0, colon) });
      groups.push([]);
      rest = rest.slice(colon + 1);
    }
    if (rest !== "") groups.at(-1)?.push({ literal: rest });
  }
  return groups;
}

function isVariable(token: TemplateToken): boolean {
  return typeof token !== "string" && "variable" in token;
}

/** A glob over plain text for callers that have neither variables nor parts. */
export function textGlob(pattern: string): Glob {
  return compileGlob(globTokens(pattern));
}
