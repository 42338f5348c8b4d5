// Which filters are refused. The rules that the public documentation leaves open are our choice:
// at most ten levels and a hundred leaves, no empty lists, only known attributes of the right type.
import {
  type Attribute,
  type AttributeFilter,
  type AttributeType,
  type LeafOperator,
  leafOperators,
  plainValue,
} from "./attributes.ts";

/** Why a filter is refused, and where in it: `andAllFilters[1].equalsTo`, empty for all of it. */
export type FilterIssue = { readonly path: string; readonly message: string };

/** Limits of filters. */
export const filterLimits = { depthMax: 10, leavesMax: 100 } as const;

const comparable: readonly AttributeType[] = ["NUMBER", "DATE"];
const operatorTypes: Readonly<Record<LeafOperator, readonly AttributeType[]>> = {
  equalsTo: ["STRING", "STRING_LIST", "NUMBER", "DATE"],
  containsAll: ["STRING_LIST"],
  containsAny: ["STRING_LIST"],
  greaterThan: comparable,
  greaterThanOrEquals: comparable,
  lessThan: comparable,
  lessThanOrEquals: comparable,
};

/**
 * What is wrong with a filter; nothing where it may be used.
 *
 * @param typeOf the type of the index field with that name, undefined where there is none.
 */
export function checkFilter(
  filter: AttributeFilter,
  typeOf: (name: string) => AttributeType | undefined,
): readonly FilterIssue[] {
  const issues: FilterIssue[] = [];
  let leaves = 0;
  const visit = (node: AttributeFilter, path: string, depth: number): void => {
    if (depth > filterLimits.depthMax) {
      issues.push({
        path,
        message: `Filters must not be nested deeper than ${filterLimits.depthMax} levels.`,
      });
      return;
    }
    for (const operator of leafOperators) {
      const leaf = node[operator];
      if (leaf === undefined) continue;
      leaves += 1;
      if (leaves > filterLimits.leavesMax) continue;
      const message = checkLeaf(operator, leaf, typeOf(leaf.name));
      if (message !== undefined) issues.push({ path: within(path, operator), message });
    }
    for (const member of ["andAllFilters", "orAllFilters"] as const) {
      const children = node[member];
      if (children?.length === 0) {
        issues.push({
          path: within(path, member),
          message: "The list of filters must not be empty.",
        });
      }
      for (const [i, child] of (children ?? []).entries()) {
        if (leaves <= filterLimits.leavesMax)
          visit(child, within(path, `${member}[${i}]`), depth + 1);
      }
    }
    if (node.notFilter !== undefined) visit(node.notFilter, within(path, "notFilter"), depth + 1);
  };
  visit(filter, "", 1);
  if (leaves > filterLimits.leavesMax) {
    const message = `Filters must not compare more than ${filterLimits.leavesMax} attributes.`;
    issues.push({ path: "", message });
  }
  return issues;
}

function within(path: string, member: string): string {
  return path === "" ? member : `${path}.${member}`;
}

function checkLeaf(
  operator: LeafOperator,
  leaf: Attribute,
  fieldType: AttributeType | undefined,
): string | undefined {
  const given = plainValue(leaf.value);
  if (given === undefined) return `The value of "${leaf.name}" must be exactly one of the types.`;
  if (fieldType === undefined) return `The index has no attribute "${leaf.name}".`;
  if (given.type !== fieldType) {
    return `Attribute "${leaf.name}" is of type ${fieldType}, but the value is of type ${given.type}.`;
  }
  if (operatorTypes[operator].includes(given.type)) return undefined;
  return `Operator ${operator} cannot be used with a value of type ${given.type}.`;
}
