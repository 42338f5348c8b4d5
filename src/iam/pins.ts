// Saved policies name entities, not names: a user or role that is deleted and made again under the
// same name is someone else. Source: "AWS JSON policy elements: Principal" in the IAM user guide.

import type { Policy } from "./policy.ts";
import { accountOf } from "./principal-match.ts";

export type Pinning =
  | { readonly ok: true; readonly pins: ReadonlyMap<string, string> }
  /** In the service's wording: the first principal that does not exist. */
  | { readonly ok: false; readonly message: string };

/**
 * Finds the unique ids of the users and roles a policy names, for `compile`. Sessions and accounts
 * have none. `idOf` answers for our own accounts; what it does not know does not exist.
 */
export function pinPrincipals(policy: Policy, idOf: (arn: string) => string | undefined): Pinning {
  const pins = new Map<string, string>();
  for (const { principals } of policy.statements) {
    for (const { key, text } of principals ?? []) {
      if (key !== "AWS" || !isEntityArn(text)) continue;
      const id = idOf(text);
      if (id === undefined) {
        return { ok: false, message: `Invalid principal in policy: "AWS":"${text}"` };
      }
      pins.set(text, id);
    }
  }
  return { ok: true, pins };
}

function isEntityArn(text: string): boolean {
  return text.startsWith("arn:") && text.includes(":iam::") && accountOf(text) === undefined;
}
