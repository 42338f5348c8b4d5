import { contextKeysOf } from "./context-keys.ts";
import { askOfAll } from "./entities.ts";
import type { QueryOperation } from "./query-operation.ts";

/** Lists what given policies ask for ("GetContextKeysForCustomPolicy", IAM API Reference). */
export const getContextKeysForCustomPolicy: QueryOperation<"iam", "GetContextKeysForCustomPolicy"> =
  {
    asks: () => askOfAll("iam:GetContextKeysForCustomPolicy"),

    run: async (input) => ({ ContextKeyNames: contextKeysOf(input.PolicyInputList) }),
  };
