import { parsePolicy, type Policy } from "../../iam/iam.ts";
import { queryError } from "../../wire/wire.ts";

/** The longest name of a key inside of a variable that is looked for. */
const keyLengthMax = 256;

/**
 * The condition keys that policies ask for, in conditions and in variables, each once and in
 * alphabetical order ("GetContextKeysForCustomPolicy", IAM API Reference). Keys are told apart
 * without case; the first spelling is shown.
 *
 * @throws QueryError InvalidInput for a text that is no policy.
 */
export function contextKeysOf(documents: readonly string[]): readonly string[] {
  const keys = new Map<string, string>();
  for (const document of documents) {
    const parsed = parsePolicy(document, { kind: "identity", takesOldVersions: true });
    if (!parsed.ok) throw queryError("InvalidInput", parsed.refusal.message);
    for (const key of keysIn(parsed.policy)) {
      const known = key.toLowerCase();
      if (!keys.has(known)) keys.set(known, key);
    }
  }
  return [...keys].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

function keysIn({ statements, version }: Policy): readonly string[] {
  return statements.flatMap(({ conditions, resources = [] }) => {
    const named = conditions.map(({ key }) => key);
    if (version !== "2012-10-17") return named;
    const texts = [...resources, ...conditions.flatMap(({ values }) => values)];
    return [...named, ...texts.flatMap(({ text }) => variablesIn(text))];
  });
}

/** Keys of `${key}` and `${key, 'default'}`; the escapes `${*}`, `${?}` and `${$}` are none. */
function variablesIn(text: string): readonly string[] {
  const keys: string[] = [];
  for (let at = text.indexOf("${"); at !== -1; at = text.indexOf("${", at + 2)) {
    const inside = text.slice(at + 2, at + 2 + keyLengthMax);
    const end = inside.search(/[,}]/);
    const key = inside.slice(0, Math.max(end, 0)).trim();
    if (key.length > 1) keys.push(key);
  }
  return keys;
}
