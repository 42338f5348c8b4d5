import { isIP } from "node:net";
import type { iamShapes } from "../../contract/contract.ts";
import type { ContextValue } from "../../iam/iam.ts";
import { invalidInput } from "./simulation-input.ts";

type Scalar = "string" | "numeric" | "boolean" | "ip" | "binary" | "date";

const isOf: Readonly<Record<Scalar, (text: string) => boolean>> = {
  string: () => true,
  numeric: (text) => text.length <= 100 && /^-?\d+(?:\.\d+)?$/.test(text),
  boolean: (text) => text === "true" || text === "false",
  ip: isAddress,
  binary: (text) => Buffer.from(text, "base64").toString("base64") === text,
  date: isDate,
};

/**
 * The context of a simulation from its entries, every value checked against its type ("ContextEntry",
 * IAM API Reference). Types without `List` take one value. An entry without a type is text, or a
 * list of texts where it does not have exactly one value.
 *
 * @throws QueryError InvalidInput naming the key.
 */
export function simulatedContext(
  entries: readonly iamShapes.ContextEntry[],
): Readonly<Record<string, ContextValue>> {
  return Object.fromEntries(entries.map(readEntry));
}

function readEntry({
  ContextKeyName: name,
  ContextKeyValues: values = [],
  ContextKeyType: given,
}: iamShapes.ContextEntry): readonly [string, ContextValue] {
  if (name === undefined) throw invalidInput("An entry of ContextEntries has no ContextKeyName.");
  const type = given ?? (values.length === 1 ? "string" : "stringList");
  const isList = type.endsWith("List");
  const scalar = (isList ? type.slice(0, -"List".length) : type) as Scalar;
  const wrong = values.find((value) => !isOf[scalar](value));
  if (wrong !== undefined) throw invalidInput(`${name} has a value that is no ${scalar}: ${wrong}`);
  if (isList) return [name, values];
  const [only] = values;
  if (only !== undefined && values.length === 1) return [name, only];
  throw invalidInput(`${name} is of type ${type} and has ${values.length} values, not one.`);
}

/** An address, or a range of them. */
function isAddress(text: string): boolean {
  const [address = "", prefix, more] = text.split("/", 3);
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

/** ISO 8601, or seconds since 1970. */
function isDate(text: string): boolean {
  if (/^\d{5,15}$/.test(text)) return true;
  return /^\d{4}(?:-\d{2}){0,2}(?:T[\d:.]{5,18}(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text)
    ? !Number.isNaN(Date.parse(text))
    : false;
}
