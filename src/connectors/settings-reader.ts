import type { SettingsError } from "./settings.ts";

/**
 * Reads keys of one object of a configuration and collects what is wrong with them. Scalars may be
 * written as text, because infrastructure tools send either; null means absent.
 */
export type SettingsReader = {
  readonly field: (key: string) => string;
  readonly value: (key: string) => unknown;
  readonly object: (key: string, options?: { readonly isRequired: boolean }) => SettingsReader;
  readonly text: (key: string) => string | undefined;
  readonly texts: (key: string) => readonly string[];
  readonly number: (key: string) => number | undefined;
  readonly boolean: (key: string) => boolean | undefined;
  readonly fail: (key: string, message: string, code?: string) => void;
};

/** A reader of `value`, whose path is `path`. */
export function readSettings(
  value: unknown,
  path: string,
  errors: SettingsError[],
): SettingsReader {
  const members = isObject(value) ? value : {};
  const field = (key: string): string => `${path}.${key}`;
  const get = (key: string): unknown => {
    const found = Object.hasOwn(members, key) ? members[key] : undefined;
    return found === null ? undefined : found;
  };
  const fail = (key: string, message: string, code?: string): void => {
    errors.push({ field: field(key), message, ...(code === undefined ? {} : { code }) });
  };
  const scalar = <Value>(
    key: string,
    what: string,
    parse: (found: unknown) => Value | undefined,
  ) => {
    const found = get(key);
    if (found === undefined) return undefined;
    const parsed = parse(found);
    if (parsed === undefined) fail(key, `must be ${what}`);
    return parsed;
  };
  return {
    field,
    value: get,
    fail,
    object(key, { isRequired } = { isRequired: false }) {
      const found = get(key);
      if (found === undefined && isRequired) fail(key, "is required");
      if (found !== undefined && !isObject(found)) fail(key, "must be an object");
      return readSettings(found, field(key), errors);
    },
    text: (key) =>
      scalar(key, "a string", (found) => (typeof found === "string" ? found : undefined)),
    texts: (key) => scalar(key, "a list of strings", asTexts) ?? [],
    number: (key) => scalar(key, "a number", asNumber),
    boolean: (key) => scalar(key, "true or false", asBoolean),
  };
}

/** Is the value a JSON object? */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asTexts(value: unknown): readonly string[] | undefined {
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isList ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,12}(?:\.\d{1,6})?$/.test(value.trim())
    ? Number(value)
    : undefined;
}

function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.trim().toLowerCase() : "";
  return text === "true" || text === "false" ? text === "true" : undefined;
}
