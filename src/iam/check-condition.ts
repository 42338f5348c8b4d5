import type { JsonMember, JsonNode } from "./json-reader.ts";
import { operators, splitOperatorName } from "./operators.ts";
import type { StatementRules } from "./statement-rules.ts";
import type { ConditionEntry, Text } from "./policy.ts";
import { parseTemplate } from "./template.ts";

/** Reads a Condition element: `{ operator: { key: value | [value, …] } }`. */
export function parseConditions(
  node: JsonNode | undefined,
  rules: StatementRules,
): readonly ConditionEntry[] {
  if (node === undefined) return [];
  if (node.type !== "object") {
    rules.list.syntax("INVALID_CONDITION", "Condition is an object of operators", node);
    return [];
  }
  return node.members.flatMap((member) => parseOperator(member, rules));
}

function parseOperator(
  { name, nameSpan, value }: JsonMember,
  rules: StatementRules,
): readonly ConditionEntry[] {
  const { list } = rules;
  const { base, ifExists } = splitOperatorName(name);
  const operator = operators.get(base);
  if (operator === undefined) {
    const detail = `there is no condition operator "${name}"`;
    list.syntax("INVALID_CONDITION_OPERATOR", detail, { span: nameSpan });
    return [];
  }
  if (operator.type === "null" && ifExists) {
    list.syntax("NULL_WITH_IF_EXISTS", "Null already tests whether the key exists", {
      span: nameSpan,
    });
    return [];
  }
  if (value.type !== "object") {
    list.syntax("INVALID_CONDITION", `${name} takes an object of condition keys`, value);
    return [];
  }
  return value.members.map((member) => ({
    operator: name,
    key: member.name,
    values: valuesOf(member.value, operator.takesVariables, rules),
    span: member.nameSpan,
  }));
}

function valuesOf(node: JsonNode, takesVariables: boolean, rules: StatementRules): readonly Text[] {
  const { list, variables } = rules;
  const items = node.type === "array" ? node.items : [node];
  return items.flatMap((item) => {
    if (item.type === "object" || item.type === "array" || item.type === "null") {
      list.syntax(
        "INVALID_CONDITION",
        "a condition value is a string, a number or a boolean",
        item,
      );
      return [];
    }
    const { text, span } = item;
    if (takesVariables) {
      const [fault] = parseTemplate(text, { variables, wildcards: false }).faults;
      if (fault) list.syntax(fault.code, `the policy variable in "${text}" is not complete`, item);
    }
    return [{ text, span }];
  });
}
