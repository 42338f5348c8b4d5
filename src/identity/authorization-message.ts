import type { AuthorizationRequest, Explanation } from "../iam/iam.ts";
import { seal, unseal } from "./sealing.ts";

/** What a decoded message says, in the members that the service's have. */
export type AuthorizationDetails = {
  readonly allowed: false;
  readonly explicitDeny: boolean;
  readonly matchedStatements: {
    readonly items: readonly {
      readonly statementId: string;
      readonly effect: "ALLOW" | "DENY";
      /** The policy's name or ARN, and the line of the statement: ours alone. */
      readonly policy: string;
      readonly line: number;
    }[];
  };
  readonly failures: { readonly items: readonly never[] };
  readonly context: {
    readonly principal: { readonly id?: string; readonly arn?: string };
    readonly action: string;
    readonly resource: string;
    /** Keys that the policies ask for and the request has. */
    readonly conditions: {
      readonly items: readonly {
        readonly key: string;
        readonly values: { readonly items: readonly { readonly value: string }[] };
      }[];
    };
  };
};

const purpose = "authorization message";
const validMs = 24 * 60 * 60 * 1000;
/** Sealed and in base64 it has to stay below the 10,240 characters that may be sent back. */
const bytesMax = 7000;
const itemsMax = 50;

/** The details of a refusal, by its explanation. */
export function detailsOf(
  { principal, action }: AuthorizationRequest,
  { decision, statements }: Explanation,
): AuthorizationDetails {
  const applying = statements.filter(({ applies }) => applies).slice(0, itemsMax);
  const given = new Map<string, readonly string[]>();
  for (const { key, given: value } of statements.flatMap(({ conditions }) => conditions)) {
    if (value !== undefined) given.set(key, typeof value === "string" ? [value] : value);
  }
  const id = "uniqueId" in principal ? principal.uniqueId : undefined;
  return {
    allowed: false,
    explicitDeny: decision.decision === "explicitDeny",
    matchedStatements: {
      items: applying.map(({ statement, effect }) => ({
        statementId: statement.sid ?? "",
        effect: effect === "Allow" ? "ALLOW" : "DENY",
        policy: statement.policy,
        line: statement.line,
      })),
    },
    failures: { items: [] },
    context: {
      principal: {
        ...(id !== undefined && { id }),
        ...("arn" in principal && { arn: principal.arn }),
      },
      action,
      resource: decision.resource,
      conditions: {
        items: [...given].slice(0, itemsMax).map(([key, values]) => ({
          key,
          values: { items: values.map((value) => ({ value })) },
        })),
      },
    },
  };
}

/**
 * Encodes why a call was refused: who may not see policies can hand the text on to somebody who may
 * call `sts:DecodeAuthorizationMessage`, and learns nothing from it himself. Good for a day. What
 * is too long for one message loses conditions and statements, the last ones first.
 */
export function encodeAuthorizationMessage(
  key: Uint8Array,
  details: AuthorizationDetails,
  now: Date,
): string {
  const expiresAt = now.getTime() + validMs;
  for (let kept = itemsMax; ; kept = Math.floor(kept / 2)) {
    const text = JSON.stringify({ expiresAt, details: shortened(details, kept) });
    if (Buffer.byteLength(text) <= bytesMax || kept === 0) return seal(key, purpose, text);
  }
}

/** The details as JSON text; undefined for a text that is not ours, or is too old. */
export function decodeAuthorizationMessage(
  key: Uint8Array,
  message: string,
  now: Date,
): string | undefined {
  const text = unseal(key, purpose, message);
  if (text === undefined) return undefined;
  const { expiresAt, details } = JSON.parse(text) as { expiresAt: number; details: unknown };
  return now.getTime() < expiresAt ? JSON.stringify(details) : undefined;
}

function shortened(details: AuthorizationDetails, kept: number): AuthorizationDetails {
  const { matchedStatements, context } = details;
  const { conditions } = context;
  return {
    ...details,
    matchedStatements: { items: matchedStatements.items.slice(0, kept) },
    context: { ...context, conditions: { items: conditions.items.slice(0, kept) } },
  };
}
