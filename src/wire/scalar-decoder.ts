import type { Limit, ScalarType } from "../contract/contract.ts";
import { decodeBase64 } from "./blob.ts";
import { numberCheck, textCheck } from "./checks.ts";
import type { Issues } from "./issues.ts";
import { fromEpochSeconds, parseIsoTimestamp } from "./timestamp.ts";

/**
 * Turns a parsed JSON value into the contract's type. What is wrong goes to `issues`, under
 * `path`; the result then means nothing.
 */
export type Decode = (value: unknown, path: string, issues: Issues) => unknown;

// The one timestamp that clients also send as text (API reference, "DocumentAttributeValue").
const isoPlaces: ReadonlySet<string> = new Set(["DocumentAttributeValue.dateValue"]);

/** Compiles the decoder of a scalar with its limit; `place` is one such as `Tag.key`. */
export function scalarDecoder(type: ScalarType, place: string, limit: Limit): Decode {
  switch (type) {
    case "string":
      return stringDecoder(limit);
    case "number":
      return numberDecoder(limit);
    case "boolean":
      return (value, path, issues) =>
        typeof value === "boolean" ? value : issues.add(path, "Member must be a boolean");
    case "timestamp":
      return isoPlaces.has(place) ? decodeDate : decodeTimestamp;
    case "blob":
      return decodeBlob;
    default:
      return (value) => value;
  }
}

function stringDecoder(limit: Limit): Decode {
  const check = textCheck(limit);
  return (value, path, issues) => {
    if (typeof value !== "string") return issues.add(path, "Member must be a string");
    // Half a surrogate pair would become another character as soon as it is stored.
    if (!value.isWellFormed()) return issues.add(path, "Member must be well-formed Unicode text");
    const broken = check(value);
    return broken === undefined ? value : issues.add(path, broken);
  };
}

function numberDecoder(limit: Limit): Decode {
  const check = numberCheck(limit);
  return (value, path, issues) => {
    // JSON.parse reads 1e999 as infinity.
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return issues.add(path, "Member must be a number");
    }
    const broken = check(value);
    return broken === undefined ? value : issues.add(path, broken);
  };
}

/** Compiles the decoder of an enumeration: strict, as inputs are. */
export function enumDecoder(values: readonly string[]): Decode {
  const known: ReadonlySet<unknown> = new Set(values);
  const constraint = `Member must satisfy enum value set: [${values.join(", ")}]`;
  return (value, path, issues) => (known.has(value) ? value : issues.add(path, constraint));
}

const decodeTimestamp: Decode = (value, path, issues) => {
  const time = typeof value === "number" ? fromEpochSeconds(value) : undefined;
  return time ?? issues.add(path, "Member must be a timestamp in seconds since 1970");
};

const decodeDate: Decode = (value, path, issues) => {
  const time = typeof value === "string" ? parseIsoTimestamp(value) : undefined;
  return time ?? decodeTimestamp(value, path, issues);
};

const decodeBlob: Decode = (value, path, issues) => {
  const bytes = typeof value === "string" ? decodeBase64(value) : undefined;
  return bytes ?? issues.add(path, "Member must be base64 text");
};
