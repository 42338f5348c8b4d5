import { textGlob } from "./arn-pattern.ts";
import { type Glob, globMatches } from "./glob.ts";

/** An entry of Action or NotAction, in lower case: a whole name, or a pattern. */
export type ActionPattern = string | { readonly text: string; readonly glob: Glob };

/** Actions ignore case, so both sides are compared in lower case. */
export function compileAction(lowerText: string): ActionPattern {
  const isPattern = lowerText.includes("*") || lowerText.includes("?");
  return isPattern ? { text: lowerText, glob: textGlob(lowerText) } : lowerText;
}

export function actionMatches(pattern: ActionPattern, lowerAction: string): boolean {
  return typeof pattern === "string"
    ? pattern === lowerAction
    : globMatches(pattern.glob, lowerAction);
}

/** The service prefix of an action, or of a pattern when it has no wildcard in there. */
export function servicePrefix(text: string): string | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const prefix = text.slice(0, colon);
  return prefix.includes("*") || prefix.includes("?") ? undefined : prefix;
}
