// Policy variables: `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`.

import { type Glob, type GlobToken, compileGlob } from "./glob.ts";

export interface Variable {
  /** In lower case. */
  readonly variable: string;
  readonly fallback: string | undefined;
}

export type TemplateToken = GlobToken | Variable;

/** Why a text with variables cannot be used, with the offset inside the text. */
export interface TemplateFault {
  readonly code: "MISSING_BRACE_IN_VARIABLE" | "EMPTY_VARIABLE" | "MISSING_QUOTE_IN_VARIABLE";
  readonly at: number;
}

export interface Template {
  readonly tokens: readonly TemplateToken[];
  readonly faults: readonly TemplateFault[];
}

export interface TemplateRules {
  /** Only documents of version 2012-10-17 have variables. */
  readonly variables: boolean;
  /** Whether `*` and `?` are wildcards here. */
  readonly wildcards: boolean;
}

/** Reads a text; a faulty variable stays in it as plain text and is reported. */
export function parseTemplate(text: string, rules: TemplateRules): Template {
  const tokens: TemplateToken[] = [];
  const faults: TemplateFault[] = [];
  let from = 0;
  const push = (token: TemplateToken, start: number, end: number): void => {
    if (start > from) tokens.push({ literal: text.slice(from, start) });
    tokens.push(token);
    from = end;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (rules.wildcards && (char === "*" || char === "?")) push(char, at, at + 1);
    if (!rules.variables || char !== "$" || text[at + 1] !== "{") continue;
    const read = readVariable(text, at);
    if ("code" in read) {
      faults.push(read);
      continue;
    }
    push(read.token, at, read.end);
    at = read.end - 1;
  }
  if (from < text.length) tokens.push({ literal: text.slice(from) });
  return { tokens, faults };
}

type VariableReading = { readonly token: TemplateToken; readonly end: number };

/** No key with its default is longer; the bound keeps the reading linear. */
const variableLengthMax = 1024;

function readVariable(text: string, start: number): VariableReading | TemplateFault {
  const window = text.slice(start, start + variableLengthMax);
  const brace = window.indexOf("}");
  if (brace < 0) return { code: "MISSING_BRACE_IN_VARIABLE", at: start };
  const quote = window.slice(0, brace).indexOf("'");
  if (quote < 0) {
    const name = window.slice(2, brace);
    const end = start + brace + 1;
    if (name.trim() === "") return { code: "EMPTY_VARIABLE", at: start };
    if (name === "*" || name === "?" || name === "$") return { token: { literal: name }, end };
    return { token: { variable: name.toLowerCase(), fallback: undefined }, end };
  }
  // The default may hold a brace, so its closing quote decides where the variable ends.
  const closing = window.indexOf("'", quote + 1);
  if (closing < 0) return { code: "MISSING_QUOTE_IN_VARIABLE", at: start };
  const keyAndComma = window.slice(2, quote).trimEnd();
  const name = keyAndComma.endsWith(",") ? keyAndComma.slice(0, -1).trim() : "";
  if (name === "") return { code: "EMPTY_VARIABLE", at: start };
  if (window[closing + 1] !== "}") return { code: "MISSING_BRACE_IN_VARIABLE", at: start };
  const fallback = window.slice(quote + 1, closing);
  return { token: { variable: name.toLowerCase(), fallback }, end: start + closing + 2 };
}

/** Answers a variable: its single value, or undefined when it has none or several. */
export type Resolve = (lowerKey: string) => string | undefined;

/**
 * Puts values into the place of variables. A value's own `*` and `?` stay plain characters: who
 * controls a tag must not gain a wildcard. Undefined when some variable has neither value nor
 * default.
 */
export function resolveTokens(
  tokens: readonly TemplateToken[],
  resolve: Resolve,
): readonly GlobToken[] | undefined {
  const resolved: GlobToken[] = [];
  for (const token of tokens) {
    if (typeof token === "string" || "literal" in token) {
      resolved.push(token);
      continue;
    }
    const value = resolve(token.variable) ?? token.fallback;
    if (value === undefined) return undefined;
    resolved.push({ literal: value });
  }
  return resolved;
}

/** A template without variables, ready to match; undefined when it has any. */
export function constantGlob(tokens: readonly TemplateToken[]): Glob | undefined {
  const constants = tokens.filter((token) => typeof token === "string" || "literal" in token);
  return constants.length === tokens.length ? compileGlob(constants) : undefined;
}

/** The text of a template without wildcards; undefined when it has variables. */
export function constantText(tokens: readonly TemplateToken[]): string | undefined {
  const constants = tokens.filter((token) => typeof token === "string" || "literal" in token);
  return constants.length === tokens.length ? literalText(constants) : undefined;
}

/** The text of tokens without variables; a wildcard counts as the character it is. */
export function literalText(tokens: readonly GlobToken[]): string {
  const [only] = tokens;
  if (tokens.length === 1 && typeof only === "object") return only.literal;
  return tokens.map((token) => (typeof token === "string" ? token : token.literal)).join("");
}
