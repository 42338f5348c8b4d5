import {
  type FindingType,
  parsePolicy,
  type Policy,
  type PolicyKind,
  placesIn,
  type Position,
  validatePolicy,
  validateRole,
} from "../../iam/iam.ts";
import { guessKind, type TextFile } from "./files.ts";
import { roleFindings, saysDecryptsObjects } from "./role-findings.ts";

/** A finding in one of the files; lines count from one, columns and offsets from zero. */
export type FileFinding = {
  readonly type: FindingType;
  readonly code: string;
  readonly detail: string;
  readonly start: Position;
  readonly end: Position;
};

/** A file with everything that was found in it, in the order of the text. */
export type CheckedFile = {
  readonly name: string;
  readonly kind: PolicyKind;
  /** Whether IAM would refuse it. */
  readonly isRefused: boolean;
  readonly findings: readonly FileFinding[];
};

/** What is known of the role that the files belong to. */
export type RoleFacts = {
  /** Of all files; each file's elements tell where it is absent. */
  readonly kind?: PolicyKind | undefined;
  readonly account?: string;
  readonly region: string;
  readonly readsEncryptedObjects: boolean;
};

/** A file as it can be looked at: `shift` characters were put in front of its text. */
type Reading = {
  readonly file: TextFile;
  readonly kind: PolicyKind;
  readonly isRefused: boolean;
  readonly shift: number;
  readonly policy: Policy | undefined;
  readonly findings: readonly FileFinding[];
};

/**
 * Checks each file by itself, and all of them as the documents of one role. A statement that lacks
 * its policy around it is refused, and then looked at as if it had one: its reader will paste it.
 */
export function checkFiles(files: readonly TextFile[], facts: RoleFacts): readonly CheckedFile[] {
  const readings = files.map((file) => readFile(file, facts.kind));
  const together = checkTogether(readings, facts);
  return readings.map((reading) => {
    const all = [...reading.findings, ...together(reading)];
    return {
      name: reading.file.name,
      kind: reading.kind,
      isRefused: reading.isRefused,
      findings: unique(all).toSorted((a, b) => a.start.offset - b.start.offset),
    };
  });
}

const opening = '{"Version":"2012-10-17","Statement":[';

function readFile(file: TextFile, wanted: PolicyKind | undefined): Reading {
  const kind = wanted ?? guessKind(file.text);
  const parsing = parsePolicy(file.text, { kind });
  const findings = foundIn(file.text, kind);
  const base = { file, kind, isRefused: !parsing.ok };
  if (parsing.ok) return { ...base, shift: 0, policy: parsing.policy, findings };
  const isStatement = findings.some(({ code }) => code === "MISSING_STATEMENT");
  const wrapped = parsePolicy(`${opening}${file.text}]}`, { kind });
  if (!isStatement || !wrapped.ok) return { ...base, shift: 0, policy: undefined, findings };
  const inside = foundIn(wrapped.policy.text, kind);
  const shift = opening.length;
  const moved = placedBack(inside, file.text, shift);
  return { ...base, shift, policy: wrapped.policy, findings: [...findings, ...moved] };
}

function foundIn(text: string, kind: PolicyKind): readonly FileFinding[] {
  return validatePolicy(text, { kind }).map(({ range, ...rest }) => ({ ...rest, ...range }));
}

/** Findings of a text with something in front of it, at their places in the text alone. */
function placedBack(
  findings: readonly FileFinding[],
  text: string,
  shift: number,
): readonly FileFinding[] {
  if (shift === 0) return findings;
  const places = placesIn(text);
  const back = ({ offset }: Position): Position =>
    places(Math.min(text.length, Math.max(0, offset - shift)));
  return findings.map((one) => ({ ...one, start: back(one.start), end: back(one.end) }));
}

function checkTogether(
  readings: readonly Reading[],
  facts: RoleFacts,
): (reading: Reading) => readonly FileFinding[] {
  const policies = readings.flatMap(({ policy }) => policy ?? []);
  const permissions = policies.filter(({ kind }) => kind === "identity");
  const trust = policies.find(({ kind }) => kind === "trust");
  const account = facts.account ?? (trust && sourceAccountOf(trust));
  const found = [
    ...roleFindings(policies),
    ...validateRole({
      permissions,
      ...(trust !== undefined && { trust }),
      account: account ?? "",
      region: facts.region,
      readsEncryptedObjects: facts.readsEncryptedObjects || saysDecryptsObjects(permissions),
    }).filter(({ code }) => code !== "ACCOUNT_MISMATCH" || account !== undefined),
  ];
  return ({ policy, file, shift }) => {
    const own = found.filter((one) => one.policy === policy);
    const placed = own.map(({ type, code, detail, range }) => ({ type, code, detail, ...range }));
    return placedBack(placed, file.text, shift);
  };
}

/** The account that a trust policy lets the service act for. */
function sourceAccountOf({ statements }: Policy): string | undefined {
  const values = statements.flatMap(({ conditions }) =>
    conditions
      .filter(({ key }) => key.toLowerCase() === "aws:sourceaccount")
      .flatMap((condition) => condition.values.map(({ text }) => text)),
  );
  return values.find((text) => /^\d{12}$/.test(text));
}

function unique(findings: readonly FileFinding[]): readonly FileFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, start }) => {
    const name = `${code} ${start.offset}`;
    return !seen.has(name) && seen.add(name);
  });
}
