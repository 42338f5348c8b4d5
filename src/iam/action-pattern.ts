import { textGlob } from "./arn-pattern.ts";
import { type Glob, globMatches } from "./glob.ts";

/** An entry of Action or NotAction, in lower case: actions ignore case. */
export interface ActionPattern {
  readonly text: string;
  /** Undefined when the text is a whole action name. */
  readonly glob: Glob | undefined;
}

export function compileAction(text: string): ActionPattern {
  const lower = text.toLowerCase();
  const isPattern = lower.includes("*") || lower.includes("?");
  return { text: lower, glob: isPattern ? textGlob(lower) : undefined };
}

export function actionMatches(pattern: ActionPattern, lowerAction: string): boolean {
  return pattern.glob === undefined
    ? pattern.text === lowerAction
    : globMatches(pattern.glob, lowerAction);
}

/** The service prefix of an action, or of a pattern when it has no wildcard in there. */
export function servicePrefix(text: string): string | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const prefix = text.slice(0, colon);
  return prefix.includes("*") || prefix.includes("?") ? undefined : prefix;
}
