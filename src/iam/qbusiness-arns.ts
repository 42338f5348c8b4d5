import {
  type QBusinessResourceType,
  qbusinessActions,
  qbusinessResourceTypes,
} from "./qbusiness-actions.ts";

type IdName = (typeof qbusinessResourceTypes)[QBusinessResourceType]["id"];

/** Where ARNs belong, and the ids a request names. */
export interface QBusinessIds extends Partial<Readonly<Record<IdName, string>>> {
  readonly partition?: string;
  readonly region: string;
  readonly account: string;
}

/**
 * The ARNs an operation touches, from the application down to its target, which is last. `["*"]`
 * for operations without resource-level support. Throws when an id is missing or could not stand
 * in an ARN: ids are validated before they are authorized.
 *
 *     arnChain("BatchPutDocument", { region, account, applicationId: "a1", indexId: "i1" })
 *     // ["arn:aws:qbusiness:us-east-1:…:application/a1", "arn:…:application/a1/index/i1"]
 */
export function arnChain(operation: string, ids: QBusinessIds): readonly string[] {
  const action = qbusinessActions.get(operation);
  if (action === undefined) throw new Error(`qbusiness has no action ${operation}`);
  if (action.resources === undefined) {
    throw new Error(`${operation} names its resource by ARN: use chainOfArn`);
  }
  if (action.resources.length === 0) return ["*"];
  const { partition = "aws", region, account } = ids;
  let arn = `arn:${partition}:qbusiness:${region}:${account}:`;
  let separator = "";
  return action.resources.map((type) => {
    const { word, id } = qbusinessResourceTypes[type];
    arn += `${separator}${word}/${checkedId(ids[id], id)}`;
    separator = "/";
    return arn;
  });
}

/** The ARN whose Allow an operation needs. */
export function deepestArn(operation: string, ids: QBusinessIds): string {
  return arnChain(operation, ids).at(-1) ?? "*";
}

function checkedId(value: string | undefined, name: string): string {
  if (value === undefined || value === "" || value.includes("/") || value.includes(":")) {
    throw new Error(`${name} is missing or no id`);
  }
  return value;
}

/**
 * The chain of a resource given by its ARN, as the tagging operations name it; undefined when the
 * ARN is of no taggable resource of this service.
 */
export function chainOfArn(arn: string): readonly string[] | undefined {
  const start = arn.indexOf(":application/");
  const colons = arn.split(":");
  if (colons.length !== 6 || colons[2] !== "qbusiness" || start < 0) return undefined;
  const words = (colons[5] ?? "").split("/");
  const chain: string[] = [];
  let parent: QBusinessResourceType | undefined;
  for (let at = 0; at < words.length; at += 2) {
    const type = typeOf(words[at] ?? "", parent);
    if (type === undefined || type === "sub" || (words[at + 1] ?? "") === "") return undefined;
    chain.push(arn.slice(0, start + 1) + words.slice(0, at + 2).join("/"));
    parent = type;
  }
  return chain;
}

function typeOf(
  word: string,
  parent: QBusinessResourceType | undefined,
): QBusinessResourceType | undefined {
  for (const type of resourceTypes) {
    const entry = qbusinessResourceTypes[type];
    if (entry.word === word && entry.parent === parent) return type;
  }
  return undefined;
}

const resourceTypes: readonly QBusinessResourceType[] = [
  "app",
  "index",
  "ds",
  "retriever",
  "plugin",
  "web",
  "accessor",
  "crc",
  "integration",
  "sub",
];
