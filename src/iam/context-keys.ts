import type { Policy, Text } from "./policy.ts";
import { parseTemplate } from "./template.ts";

/**
 * The condition keys a policy looks at, in its conditions and its variables, each once, in the
 * spelling that comes first. What is not among them cannot change a decision, so caches may leave
 * it out; IAM's GetContextKeysForCustomPolicy answers the same list.
 */
export function contextKeysOf({ statements, version }: Policy): readonly string[] {
  const keys = new Map<string, string>();
  const add = (key: string): void => {
    const lowerKey = key.toLowerCase();
    if (!keys.has(lowerKey)) keys.set(lowerKey, key);
  };
  const addVariables = ({ text }: Text): void => {
    if (version === "2008-10-17") return;
    for (const token of parseTemplate(text, { variables: true, wildcards: true }).tokens) {
      if (typeof token !== "string" && "variable" in token) add(token.variable);
    }
  };
  for (const { conditions, resources = [] } of statements) {
    for (const { key, values } of conditions) {
      add(key);
      values.forEach(addVariables);
    }
    resources.forEach(addVariables);
  }
  return [...keys.values()];
}
