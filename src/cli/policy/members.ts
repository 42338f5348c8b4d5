import type { CliError } from "../context.ts";

/** Members of one JSON object from outside; a wrong one is refused by its path. */
export type Member = {
  readonly has: (name: string) => boolean;
  readonly refuse: (name: string, wanted: string) => CliError;
  readonly text: (name: string) => string;
  readonly optionalText: (name: string) => string | undefined;
  readonly boolean: (name: string) => boolean;
  readonly number: (name: string) => number;
  readonly texts: (name: string) => readonly string[];
  readonly record: (name: string) => Member;
  readonly list: (name: string) => readonly Member[];
  readonly optionalList: (name: string) => readonly Member[] | undefined;
  /** Condition keys: a text or a list of texts each. */
  readonly pairs: (name: string) => Readonly<Record<string, string | readonly string[]>>;
  readonly optionalTexts: (name: string) => Readonly<Record<string, string>> | undefined;
  /** One policy document or several, each back as JSON text; none where the member is missing. */
  readonly documents: (name: string) => readonly string[];
  readonly levels: (name: string) => readonly (readonly string[])[] | undefined;
};

type Refuse = (path: string, wanted: string) => CliError;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws CliError of `refuse` for a value that is no object. */
export function members(value: unknown, path: string, refuse: Refuse): Member {
  if (!isRecord(value)) throw refuse(path, "an object");
  const of = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
  const need = <T>(name: string, wanted: string, is: (found: unknown) => found is T): T => {
    const found = of(name);
    if (is(found)) return found;
    throw refuse(name, wanted);
  };
  const has = (name: string): boolean => of(name) !== undefined;
  const text = (name: string): string => need(name, "text", isText);
  const list = (name: string): readonly Member[] =>
    need(name, "a list", isList).map((item, at) =>
      members(item, `${name}[${at}]`, (inner, wanted) =>
        refuse(inner === `${name}[${at}]` ? inner : `${name}[${at}].${inner}`, wanted),
      ),
    );
  const textOfDocument = (name: string, document: unknown): string => {
    const text = jsonOf(document);
    if (text !== undefined) return text;
    throw refuse(name, "nested less deeply");
  };
  const documents = (name: string): readonly string[] =>
    has(name) ? [of(name)].flat().map((one) => textOfDocument(name, one)) : [];
  return {
    has,
    refuse,
    text,
    list,
    documents,
    optionalText: (name) => (has(name) ? text(name) : undefined),
    boolean: (name) => need(name, "true or false", isBoolean),
    number: (name) => need(name, "a number", isNumber),
    texts: (name) => need(name, "a list of texts", isTexts),
    record: (name) =>
      members(of(name), name, (inner, wanted) =>
        refuse(inner === name ? inner : `${name}.${inner}`, wanted),
      ),
    optionalList: (name) => (has(name) ? list(name) : undefined),
    pairs: (name) => need(name, "an object of texts and lists of texts", isPairs),
    optionalTexts: (name) =>
      has(name) ? need(name, "an object of texts", isTextPairs) : undefined,
    levels: (name) =>
      has(name)
        ? need(name, "a list of levels", isList).map((level) =>
            [level].flat().map((one) => textOfDocument(name, one)),
          )
        : undefined,
  };
}

/** A document may be given as JSON or, to keep its spelling, as text. Undefined: too deep. */
function jsonOf(document: unknown): string | undefined {
  if (typeof document === "string") return document;
  try {
    return JSON.stringify(document);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return isList(value) && value.every(isText);
}

function isPairs(value: unknown): value is Readonly<Record<string, string | readonly string[]>> {
  return isRecord(value) && Object.values(value).every((one) => isText(one) || isTexts(one));
}

function isTextPairs(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every(isText);
}
