import type { MetadataValue } from "./metadata-file.ts";

/** Types of the index's fields. */
export type IndexFieldType = "STRING" | "STRING_LIST" | "NUMBER" | "DATE";

/** An attribute's value in the shape of the API. */
export type AttributeValue =
  | { readonly stringValue: string }
  | { readonly stringListValue: readonly string[] }
  | { readonly longValue: number }
  | { readonly dateValue: Date };

const valueLengthMax = 2048;

/**
 * Gives a value the type that its index field has. Text longer than 2,048 characters is cut.
 * Source: "Adding document metadata in Amazon S3".
 *
 * @returns undefined when the value does not fit the type
 */
export function typedValue(value: MetadataValue, type: IndexFieldType): AttributeValue | undefined {
  if (type === "STRING") {
    return typeof value === "string" ? { stringValue: truncated(value) } : undefined;
  }
  if (type === "STRING_LIST") {
    if (typeof value === "number") return undefined;
    const list = typeof value === "string" ? [value] : value;
    return { stringListValue: list.map(truncated) };
  }
  if (type === "NUMBER") {
    const isText = typeof value === "string" && /^-?\d{1,16}$/.test(value);
    const number = isText ? Number(value) : value;
    return Number.isSafeInteger(number) ? { longValue: Number(number) } : undefined;
  }
  const date = typeof value === "string" ? parseDate(value) : undefined;
  return date === undefined ? undefined : { dateValue: date };
}

/** Cuts by characters, never through one. */
function truncated(text: string): string {
  if (text.length <= valueLengthMax) return text;
  return Array.from(text.slice(0, valueLengthMax * 2))
    .slice(0, valueLengthMax)
    .join("");
}

/**
 * Reads an ISO-8601 date or date and time; without a zone it is UTC.
 *
 * @returns undefined for anything else, such as the 30th of February
 */
export function parseDate(text: string): Date | undefined {
  const shape =
    /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d\d:?\d\d)?)?$/;
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const fraction = Number((found[7] ?? "").padEnd(3, "0").slice(0, 3));
  const time = Date.UTC(year, month - 1, day, hour, minute, second, fraction);
  const date = new Date(time);
  // Date.UTC reads years below 100 as 1900 and later, and carries days over into the next month.
  const isSame = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1;
  if (!isSame || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const zone = /^([+-])(\d\d):?(\d\d)$/.exec(found[8] ?? "");
  if (zone === null) return date;
  const [, sign, hours = "", minutes = ""] = zone;
  if (Number(hours) > 18 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new Date(time - (sign === "-" ? -offsetMs : offsetMs));
}
