import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { closest, shown } from "../arguments.ts";
import { usageError } from "../context.ts";

/** Key -> its values; more than one for lists only. */
export type FileSettings = ReadonlyMap<string, readonly string[]>;

const sizeBytesMax = 1024 * 1024;

/**
 * Reads a configuration file, YAML or JSON (which is YAML). Every scalar is text, so that an
 * account id keeps its zeros without quotes. `buckets` is a mapping of names to folders, or a list
 * of `NAME=FOLDER`; the values of some lists are lists or mappings themselves. A setting's name may be written in parts: `s3.endpoint`, or `endpoint` in `s3`.
 *
 * @throws CliError with exit code 2: unreadable, no mapping, an unknown key, a wrong kind of value.
 */
export function readConfigFile(
  path: string,
  options: {
    readonly keys: readonly string[];
    /** The settings that are lists, and the form of their items: `NAME=FOLDER`. */
    readonly forms: ReadonlyMap<string, string>;
    readonly nestedKeys: readonly string[];
  },
): FileSettings {
  const { keys, forms, nestedKeys } = options;
  const lines = new LineCounter();
  const document = parseDocument(readText(path), {
    lineCounter: lines,
    schema: "failsafe",
    prettyErrors: false,
    uniqueKeys: true,
  });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw usageError(
      `--config ${path} is no YAML or JSON: ${oneLine(fault.message)} (line ${line}, column ${col}).`,
    );
  }
  const { contents } = document;
  if (contents === null) return new Map();
  if (!isMap(contents)) throw usageError(`--config ${path} must be a mapping of settings.`);
  const settings = new Map<string, readonly string[]>();
  for (const { key, value } of settingsIn(contents, keys)) {
    if (!keys.includes(key)) throw unknownKey(path, key, keys);
    if (settings.has(key)) throw usageError(`${key} in ${path} stands there twice.`);
    const values = forms.has(key) ? readList(value, nestedKeys.includes(key)) : readScalar(value);
    if (values === undefined) {
      const form = forms.get(key);
      const list = `a list of ${form} or a mapping of ${form?.replace("=", " to ")}`;
      const wanted = form === undefined ? "a single value" : list;
      throw usageError(`${key} in ${path} must be ${wanted}.`);
    }
    settings.set(key, values);
  }
  return settings;
}

/** `s3.endpoint: URL`, and `endpoint: URL` below `s3:`, are ways to write `s3-endpoint: URL`. */
function settingsIn(
  contents: YAMLMap,
  keys: readonly string[],
): readonly { readonly key: string; readonly value: unknown }[] {
  return contents.items.flatMap(({ key: keyNode, value }) => {
    const written = isScalar(keyNode) ? String(keyNode.value) : "";
    const dashed = written.replaceAll(".", "-");
    const key = keys.includes(dashed) ? dashed : written;
    const isGroup = isMap(value) && keys.some((each) => each.startsWith(`${key}-`));
    if (keys.includes(key) || !isGroup) return [{ key, value }];
    return value.items.map((part) => {
      const name = isScalar(part.key) ? String(part.key.value) : "";
      return { key: `${key}-${name}`, value: part.value };
    });
  });
}

function readText(path: string): string {
  try {
    const handle = openSync(path, "r");
    try {
      const facts = fstatSync(handle);
      if (!facts.isFile())
        throw usageError(`--config ${path} is no file; name a YAML or JSON file.`);
      if (facts.size > sizeBytesMax) {
        throw usageError(`--config ${path} has ${facts.size} bytes; the limit is ${sizeBytesMax}.`);
      }
      return readFileSync(handle, "utf8");
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const what =
      error.code === "ENOENT" ? "does not exist" : `cannot be read (${String(error.code)})`;
    throw usageError(`--config ${path} ${what}; name a readable YAML or JSON file.`);
  }
}

function readScalar(node: unknown): readonly string[] | undefined {
  if (!isScalar(node) || isAlias(node)) return undefined;
  return [String(node.value ?? "")];
}

function readList(node: unknown, isNested: boolean): readonly string[] | undefined {
  if (isScalar(node) && String(node.value ?? "") === "") return [];
  if (isSeq(node)) {
    const items = node.items.map(readScalar);
    return items.includes(undefined) ? undefined : items.flatMap((item) => item ?? []);
  }
  if (!isMap(node)) return undefined;
  const pairs = node.items.map(({ key, value }) => {
    const name = readScalar(key)?.[0];
    const values = isNested ? readValues(value) : readScalar(value);
    if (name === undefined || values === undefined) return undefined;
    return values.map((one) => `${name}=${one}`);
  });
  return pairs.includes(undefined) ? undefined : pairs.flatMap((pair) => pair ?? []);
}

/** What a name stands for: one value; several; or members, as `NAME:VALUE NAME:VALUE`. */
function readValues(node: unknown): readonly string[] | undefined {
  if (isSeq(node)) {
    const items = node.items.map(readScalar);
    if (items.includes(undefined)) return undefined;
    // An empty list says something too: there is nothing.
    return items.length === 0 ? [""] : items.flatMap((item) => item ?? []);
  }
  if (!isMap(node)) return readScalar(node);
  const members = node.items.map(({ key, value }) => {
    const name = readScalar(key)?.[0];
    const text = readScalar(value)?.[0];
    return name === undefined || text === undefined ? undefined : `${name}:${text}`;
  });
  return members.includes(undefined) ? undefined : [members.join(" ")];
}

function unknownKey(path: string, key: string, keys: readonly string[]): Error {
  const close = closest(key.toLowerCase(), keys);
  const hint = close === undefined ? `there are ${keys.join(", ")}` : `did you mean ${close}?`;
  return usageError(
    `${shown(key)} in ${path} is no setting; ${hint}${close === undefined ? "." : ""}`,
  );
}

function oneLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").replace(/[.:]$/, "");
}
