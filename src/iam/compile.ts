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
import type { Policy, Statement } from "./policy.ts";
import { type Range, rangeOf } from "./position.ts";
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
  readonly range: Range;
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

/** Statements of one effect by the actions they name. */
export interface ActionIndex {
  readonly exact: ReadonlyMap<string, readonly CompiledStatement[]>;
  readonly byService: ReadonlyMap<string, readonly CompiledStatement[]>;
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
  return indexed(
    policy.statements.map((statement, index) => ({
      source: {
        policy: name,
        index,
        sid: statement.sid,
        range: rangeOf(policy.text, statement.span),
      },
      effect: statement.effect,
      actions: statement.actions.map(({ text }) => compileAction(text)),
      isNotAction: statement.isNotAction,
      resources: compileResources(statement, variables),
      isNotResource: statement.isNotResource,
      principals: compilePrincipals(statement, pins),
      conditions: statement.conditions.map((entry) =>
        compileCondition(entry, { variables, effect: statement.effect }),
      ),
    })),
  );
}

function compileResources(
  statement: Statement,
  variables: boolean,
): readonly ArnPattern[] | undefined {
  return statement.resources?.map(({ text }) =>
    compileArnPattern(text, { variables, variablesIn: "resource" }),
  );
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
    for (const { text, glob } of statement.actions) {
      const service = glob === undefined ? undefined : servicePrefix(text);
      if (glob === undefined) addOnce(listOf(exact, text), statement);
      else if (service === undefined) addOnce(anyService, statement);
      else addOnce(listOf(byService, service), statement);
    }
  }
  return { exact, byService, anyService };
}

function listOf(map: Map<string, CompiledStatement[]>, key: string): CompiledStatement[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function addOnce(list: CompiledStatement[], statement: CompiledStatement): void {
  if (list.at(-1) !== statement) list.push(statement);
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
export function visitApplying(
  index: ActionIndex,
  question: Question,
  visit: (statement: CompiledStatement, bits: number) => boolean,
): boolean {
  const exact = index.exact.get(question.action);
  if (exact !== undefined && visitEach(exact, question, visit, false)) return true;
  const ofService = index.byService.get(question.service);
  if (ofService !== undefined && visitEach(ofService, question, visit, true)) return true;
  return visitEach(index.anyService, question, visit, true);
}

function visitEach(
  statements: readonly CompiledStatement[],
  question: Question,
  visit: (statement: CompiledStatement, bits: number) => boolean,
  checkAction: boolean,
): boolean {
  for (const statement of statements) {
    if (checkAction && !namesAction(statement, question.action)) continue;
    if (!namesResource(statement, question)) continue;
    const bits = coverageOf(statement, question.facts);
    if (bits === covers.nothing || !conditionsHold(statement, question.facts)) continue;
    if (visit(statement, bits)) return true;
  }
  return false;
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
