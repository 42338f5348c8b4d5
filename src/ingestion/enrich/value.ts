import type { AttributeType, AttributeValue } from "../../search/search.ts";

/** Type of an index field. */
export type FieldType = AttributeType;

/**
 * Gives a value of the API the type that an index field has. AWS's own connector framework sends
 * dates and numbers as text, so text is taken where it says one; a date without a zone is UTC.
 *
 * @returns undefined where the value does not fit the type
 */
export function typedValue(value: AttributeValue, type: FieldType): AttributeValue | undefined {
  const text = value.stringValue;
  switch (type) {
    case "STRING":
      return text === undefined ? undefined : { stringValue: text };
    case "STRING_LIST":
      if (value.stringListValue !== undefined) return { stringListValue: value.stringListValue };
      return text === undefined ? undefined : { stringListValue: [text] };
    case "NUMBER":
      if (value.longValue !== undefined) return { longValue: value.longValue };
      if (text === undefined || !/^-?\d{1,16}$/.test(text)) return undefined;
      return Number.isSafeInteger(Number(text)) ? { longValue: Number(text) } : undefined;
    case "DATE":
      return dateValue(value);
  }
}

/** The type of field that a value is made for. */
export function typeOfValue(value: AttributeValue): FieldType {
  if (value.stringListValue !== undefined) return "STRING_LIST";
  if (value.longValue !== undefined) return "NUMBER";
  return value.dateValue === undefined ? "STRING" : "DATE";
}

function dateValue(value: AttributeValue): AttributeValue | undefined {
  if (value.dateValue !== undefined) return { dateValue: value.dateValue };
  const text = value.stringValue;
  if (text === undefined || !isoDate.test(text)) return undefined;
  const date = new Date(withZone(text));
  return Number.isNaN(date.getTime()) || !isOfCalendar(text) ? undefined : { dateValue: date };
}

/** The Date constructor rolls 30 February over into March, and 24:00 into the next day. */
function isOfCalendar(text: string): boolean {
  const minute = text.slice(0, 16).padEnd(16, "T00:00");
  return new Date(`${minute}Z`).toISOString().startsWith(minute);
}

const isoDate =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

function withZone(text: string): string {
  const hasZone = text.length === 10 || /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
  return hasZone ? text : `${text}Z`;
}
