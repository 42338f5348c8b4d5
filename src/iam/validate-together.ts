// Checks that need more than one document: a role's permissions, its trust policy and the data
// source they are for.

import { actionMatches, compileAction } from "./action-pattern.ts";
import { isAccountId, splitArn } from "./arn.ts";
import { compileCondition, conditionHolds, factsOf } from "./condition.ts";
import { requestContext } from "./context.ts";
import { type Finding, finding } from "./finding.ts";
import { ownTexts } from "./own-text.ts";
import type { ConditionEntry, Policy, Statement, Text } from "./policy.ts";
import { placesIn, rangeOf } from "./position.ts";
import type { PolicyFinding } from "./validate.ts";

export interface RoleDocuments {
  readonly permissions: readonly Policy[];
  readonly trust?: Policy;
  /** The account the role's data source belongs to, and its Region. */
  readonly account: string;
  readonly region: string;
  /** Whether the data source's bucket holds objects encrypted with a KMS key. */
  readonly readsEncryptedObjects: boolean;
}

/** A finding with the document it is about. */
export interface RoleFinding extends PolicyFinding {
  readonly policy: Policy;
}

/**
 * Checks the documents of one data source's role against each other: accounts that differ from the
 * data source's (ACCOUNT_MISMATCH), and encrypted objects that no statement lets the role decrypt
 * through S3 (VIA_SERVICE_MISMATCH). Both are checks of ours.
 */
export function validateRole(role: RoleDocuments): readonly RoleFinding[] {
  const documents = role.trust === undefined ? role.permissions : [...role.permissions, role.trust];
  const found = documents.flatMap((policy) =>
    policy.statements
      .flatMap((statement) => accountFindings(statement, role.account))
      .map((one) => placed(one, policy)),
  );
  return role.readsEncryptedObjects ? [...found, ...viaServiceFindings(role)] : found;
}

function placed({ type, code, detail, span }: Finding, policy: Policy): RoleFinding {
  return { type, code, detail, range: rangeOf(placesIn(policy.text), span), policy };
}

/** Keys whose value is the account the role works for. */
const accountKeys = new Set(["aws:sourceaccount", "aws:resourceaccount"]);

function accountFindings(statement: Statement, account: string): readonly Finding[] {
  const { resources = [], conditions } = statement;
  const ofConditions = conditions.flatMap(({ key, values }) => {
    if (key.toLowerCase() === "aws:sourcearn")
      return values.map((value) => ({ value, id: accountIn(value) }));
    return accountKeys.has(key.toLowerCase())
      ? values.map((value) => ({ value, id: value.text }))
      : [];
  });
  const ofResources = resources.map((value) => ({ value, id: accountIn(value) }));
  return [...ofResources, ...ofConditions]
    .filter(({ id }) => id !== undefined && isAccountId(id) && id !== account)
    .map(({ value, id }) => {
      const detail = `account ${id ?? ""} is not ${account}, which the data source belongs to`;
      return finding("QUARRY", "ACCOUNT_MISMATCH", value, detail);
    });
}

function accountIn({ text }: Text): string | undefined {
  return splitArn(text)?.[4];
}

function viaServiceFindings(role: RoleDocuments): readonly RoleFinding[] {
  const decrypting = role.permissions.flatMap((policy) =>
    policy.statements.filter(isDecrypting).map((statement) => ({ policy, statement })),
  );
  const viaS3 = `s3.${role.region}.amazonaws.com`;
  if (decrypting.some(({ statement }) => admits(statement, viaS3))) return [];
  return decrypting.map(({ policy, statement }) => {
    const detail = `encrypted objects are decrypted via ${viaS3}, which this does not admit`;
    return placed(finding("QUARRY", "VIA_SERVICE_MISMATCH", statement, detail), policy);
  });
}

function isDecrypting({ effect, actions, isNotAction }: Statement): boolean {
  const names = actions.some(({ text }) =>
    actionMatches(compileAction(text.toLowerCase()), "kms:decrypt"),
  );
  return effect === "Allow" && names !== isNotAction;
}

/** Would the statement's own conditions on the service let this one through? */
function admits({ conditions, effect }: Statement, service: string): boolean {
  const facts = factsOf({ type: "anonymous" }, requestContext({ "kms:ViaService": service }));
  const isAbout = ({ key }: ConditionEntry): boolean => key.toLowerCase() === "kms:viaservice";
  return conditions
    .filter(isAbout)
    .map((entry) => compileCondition(entry, { variables: true, effect, own: ownTexts() }))
    .every((condition) => conditionHolds(condition, facts));
}
