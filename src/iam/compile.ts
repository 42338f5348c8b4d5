// Policies made ready for evaluation, once on write. Statements are found by action, so a
// principal with a thousand policies costs little more than one with a single policy.

import {
  type ActionPattern,
  actionMatches,
  compileAction,
  servicePrefix,
} from "./action-pattern.ts";
import { type ArnPattern, arnVerdict, compileArnPattern } from "./arn-pattern.ts";
import { type Condition, type Facts, compileCondition, conditionHolds } from "./condition.ts";
import type { Policy } from "./policy.ts";
import type { Span } from "./json-reader.ts";
import { ownTexts } from "./own-text.ts";
import { type Places, placesIn, rangeOf } from "./position.ts";
import {
  type PrincipalMatcher,
  type PrincipalPins,
  compilePrincipals,
  coverage,
  covers,
} from "./principal-match.ts";

/** Where a statement stands; what decisions and explanations point to. */
export interface StatementSource {
  /** The name given to `compile`. */
  readonly policy: string;
  /** Counted from zero. */
  readonly index: number;
  readonly sid: string | undefined;
  /** Lines count from one, columns from zero. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface CompiledStatement {
  readonly source: StatementSource;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly ActionPattern[];
  readonly isNotAction: boolean;
  readonly resources: readonly ArnPattern[] | undefined;
  readonly isNotResource: boolean;
  readonly principals: PrincipalMatcher | undefined;
  readonly conditions: readonly Condition[];
}

/** Most actions are named by one statement alone, which then stands for a list of one. */
type Lists = ReadonlyMap<string, CompiledStatement | readonly CompiledStatement[]>;

/** Statements of one effect by the actions they name. */
export interface ActionIndex {
  readonly exact: Lists;
  readonly byService: Lists;
  readonly anyService: readonly CompiledStatement[];
}

export interface CompiledPolicy {
  readonly statements: readonly CompiledStatement[];
  readonly allow: ActionIndex;
  readonly deny: ActionIndex;
}

export interface CompileOptions {
  /** Shown in decisions; a policy's name or ARN. */
  readonly name?: string;
  /** Ids of the users and roles the policy names, found when it was saved. */
  readonly pins?: PrincipalPins;
}

/** Compiles a parsed policy. The result is immutable and holds no reference to the parsed tree. */
export function compile(policy: Policy, { name = "", pins }: CompileOptions = {}): CompiledPolicy {
  const variables = policy.version === "2012-10-17";
  const own = ownTexts();
  const places = placesIn(policy.text);
  return indexed(
    policy.statements.map((statement, index) => ({
      source: {
        policy: name,
        index,
        sid: statement.sid === undefined ? undefined : own(statement.sid),
        ...placeOf(places, statement.span),
      },
      effect: statement.effect,
      actions: statement.actions.map(({ text }) => compileAction(own(text.toLowerCase()))),
      isNotAction: statement.isNotAction,
      resources: statement.resources?.map(({ text }) =>
        compileArnPattern(text, { variables, variablesIn: "resource", own }),
      ),
      isNotResource: statement.isNotResource,
      principals: compilePrincipals(statement, { pins, own }),
      conditions:
        statement.conditions.length === 0
          ? noConditions
          : statement.conditions.map((entry) =>
              compileCondition(entry, { variables, effect: statement.effect, own }),
            ),
    })),
  );
}

const noConditions: readonly Condition[] = [];

/** Flat, because a principal may have thousands of statements. */
function placeOf(
  places: Places,
  span: Span,
): Pick<StatementSource, "line" | "column" | "endLine" | "endColumn"> {
  const { start, end } = rangeOf(places, span);
  const { line, column } = start;
  return { line, column, endLine: end.line, endColumn: end.column };
}

/**
 * Joins policies into one with a common index. All policies of one layer (a user's own and its
 * groups') mean the same joined or apart; joined, a decision does not look at each of them.
 */
export function combine(policies: readonly CompiledPolicy[]): CompiledPolicy {
  const [only, ...others] = policies;
  return only !== undefined && others.length === 0
    ? only
    : indexed(policies.flatMap(({ statements }) => statements));
}

function indexed(statements: readonly CompiledStatement[]): CompiledPolicy {
  return {
    statements,
    allow: indexOf(statements.filter(({ effect }) => effect === "Allow")),
    deny: indexOf(statements.filter(({ effect }) => effect === "Deny")),
  };
}

function indexOf(statements: readonly CompiledStatement[]): ActionIndex {
  const exact = new Map<string, CompiledStatement[]>();
  const byService = new Map<string, CompiledStatement[]>();
  const anyService: CompiledStatement[] = [];
  for (const statement of statements) {
    if (statement.isNotAction) {
      anyService.push(statement);
      continue;
    }
    for (const action of statement.actions) {
      const service = typeof action === "string" ? undefined : servicePrefix(action.text);
      if (typeof action === "string") addOnce(exact, action, statement);
      else if (service !== undefined) addOnce(byService, service, statement);
      else if (anyService.at(-1) !== statement) anyService.push(statement);
    }
  }
  return { exact: trimmed(exact), byService: trimmed(byService), anyService };
}

const noLists: Lists = new Map();

function addOnce(
  map: Map<string, CompiledStatement[]>,
  key: string,
  statement: CompiledStatement,
): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [statement]);
  else if (list.at(-1) !== statement) list.push(statement);
}

/** Copies lists to measure: one that has grown keeps room for sixteen more statements. */
function trimmed(map: ReadonlyMap<string, readonly CompiledStatement[]>): Lists {
  if (map.size === 0) return noLists;
  const result = new Map<string, CompiledStatement | readonly CompiledStatement[]>();
  let previous: readonly CompiledStatement[] = [];
  for (const [key, list] of map) {
    // The actions of one statement mostly have the same list, which they can share.
    const isSame = list.length === previous.length && list.every((one, at) => one === previous[at]);
    if (!isSame) previous = [...list];
    const [first, second] = previous;
    result.set(key, first !== undefined && second === undefined ? first : previous);
  }
  return result;
}

/** One action on one resource by one caller. */
export interface Question {
  /** In lower case. */
  readonly action: string;
  readonly service: string;
  readonly resource: string;
  readonly facts: Facts;
}

/**
 * Visits the statements of an index that apply, with the bits by which they cover the caller
 * (`covers`), until the visitor returns true.
 */
export function visitApplying(index: ActionIndex, question: Question, visit: Visit): boolean {
  const exact = index.exact.get(question.action);
  if (exact !== undefined && visitEach(exact, question, visit)) return true;
  const ofService = index.byService.get(question.service);
  if (ofService !== undefined && visitEach(ofService, question, visit)) return true;
  return visitEach(index.anyService, question, visit);
}

type Visit = (statement: CompiledStatement, bits: number) => boolean;

function visitEach(
  found: CompiledStatement | readonly CompiledStatement[],
  question: Question,
  visit: Visit,
): boolean {
  if ("source" in found) return visitOne(found, question, visit);
  for (const statement of found) if (visitOne(statement, question, visit)) return true;
  return false;
}

function visitOne(statement: CompiledStatement, question: Question, visit: Visit): boolean {
  if (!namesAction(statement, question.action)) return false;
  if (!namesResource(statement, question)) return false;
  const bits = coverageOf(statement, question.facts);
  if (bits === covers.nothing || !conditionsHold(statement, question.facts)) return false;
  return visit(statement, bits);
}

export function namesAction(statement: CompiledStatement, lowerAction: string): boolean {
  return (
    statement.actions.some((entry) => actionMatches(entry, lowerAction)) !== statement.isNotAction
  );
}

/**
 * NotResource with a variable that has no value covers for Deny and does not for Allow: sources
 * conflict, and this way nobody gains by a missing value.
 */
export function namesResource(
  statement: CompiledStatement,
  { resource, facts }: Question,
): boolean {
  const { resources, isNotResource } = statement;
  if (resources === undefined) return true;
  let isUnresolved = false;
  for (const pattern of resources) {
    const verdict = arnVerdict(pattern, resource, facts.resolve);
    if (verdict === true) return !isNotResource;
    if (verdict === "unresolved") isUnresolved = true;
  }
  if (!isNotResource) return false;
  return isUnresolved ? statement.effect === "Deny" : true;
}

/** Bits of `covers`; a statement without a Principal is about whoever has the policy. */
export function coverageOf(statement: CompiledStatement, { principal }: Facts): number {
  const { principals, effect } = statement;
  if (principals === undefined) return covers.everyone;
  // Everyone but one is no grant that anybody means.
  if (principals.isNot && effect === "Allow") return covers.nothing;
  return coverage(principals, principal);
}

function conditionsHold(statement: CompiledStatement, facts: Facts): boolean {
  for (const condition of statement.conditions) if (!conditionHolds(condition, facts)) return false;
  return true;
}
