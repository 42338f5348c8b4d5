import {
  qbusinessActions,
  qbusinessResourceTypes,
  resourceContext,
  type ResourceInput,
} from "../iam/iam.ts";
import type { Tag } from "../store/store.ts";

/** A call that may create something, after its own action has been allowed. */
export type CreatingCall = {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly facts: { readonly region: string };
  readonly account: string;
  /** What the call names, from the application down; `*` for a new application. */
  readonly parents: readonly ResourceInput[];
};

/**
 * The chain of a resource that is about to be created with tags, for `qbusiness:TagResource`;
 * undefined where the call brings no tags. The resource has no id yet: `*` stands for it, which
 * only patterns match, and it has the tags that it is created with ("Controlling access to AWS
 * resources using tags", IAM User Guide).
 */
export function createdWithTags({
  operation,
  input,
  facts,
  account,
  parents,
}: CreatingCall): readonly ResourceInput[] | undefined {
  const { tags } = input;
  const needed = qbusinessActions.get(operation)?.dependentActions ?? [];
  if (!Array.isArray(tags) || tags.length === 0) return undefined;
  if (!needed.includes("qbusiness:TagResource")) return undefined;
  const word = wordOf(operation);
  const above = parents.filter(({ arn }) => arn !== "*");
  const last = above.at(-1)?.arn;
  const start = last === undefined ? `arn:aws:qbusiness:${facts.region}:${account}:` : `${last}/`;
  const given = Object.fromEntries((tags as readonly Tag[]).map(({ key, value }) => [key, value]));
  const context = resourceContext({ account, tags: given });
  return [...above, { arn: `${start}${word}/*`, account, context }];
}

/** `data-source` of `CreateDataSource`. */
function wordOf(operation: string): string {
  const name = operation.replace(/^Create/, "");
  const type = name.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const known = Object.values(qbusinessResourceTypes).find((entry) => entry.type === type);
  if (known === undefined) throw new Error(`${operation} creates nothing that has an ARN.`);
  return known.word;
}
