import type { iamShapes } from "../../contract/contract.ts";
import {
  combine,
  compile,
  type CompiledPolicy,
  contextKeysOf,
  parsePolicy,
  type PolicyKind,
} from "../../iam/iam.ts";
import { invalidInput } from "./simulation-input.ts";

/** Characters of all documents of one simulation together: what a server compiles on the way. */
const charactersMax = 2 ** 20;

/** A policy of a simulation, by the names that results use. */
export type SourcePolicy = {
  readonly id: string;
  readonly type: NonNullable<iamShapes.Statement["SourcePolicyType"]>;
  readonly document: string;
};

/** Policies ready to be simulated. */
export type SimulatedPolicies = {
  readonly identity: CompiledPolicy;
  readonly boundary: CompiledPolicy | undefined;
  readonly resource: CompiledPolicy | undefined;
  /** By level, the root's first; undefined where the account is in no organization. */
  readonly scp: readonly CompiledPolicy[] | undefined;
  /** What a compiled statement's policy is called; only those that results may show. */
  readonly sources: ReadonlyMap<string, Omit<SourcePolicy, "document">>;
  /** Keys that the identity-based and the resource-based policies ask for. */
  readonly contextKeys: readonly string[];
};

/** The documents of a simulation, by their part in it. */
export type PolicyTexts = {
  readonly identity: readonly SourcePolicy[];
  readonly boundary: string | undefined;
  readonly resource: string | undefined;
  readonly levels: readonly (readonly string[])[] | undefined;
};

/** Policies that a request brings along: `PolicyInputList.1`. */
export function inputPolicies(documents: readonly string[]): readonly SourcePolicy[] {
  return documents.map((document, at) => ({
    id: `PolicyInputList.${at + 1}`,
    type: "none",
    document,
  }));
}

/**
 * Compiles the policies of a simulation.
 *
 * @throws QueryError InvalidInput for one that is no policy, or for more text than fits.
 */
export function simulatedPolicies(texts: PolicyTexts): SimulatedPolicies {
  const { identity, boundary, resource, levels } = texts;
  const documents = identity.map(({ document }) => document);
  const size = [...documents, boundary ?? "", resource ?? "", ...(levels ?? []).flat()].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  if (size > charactersMax) {
    throw invalidInput(`The policies have ${size} characters; at most ${charactersMax} fit.`);
  }
  const keys = new Map<string, string>();
  const sources = new Map<string, Omit<SourcePolicy, "document">>();
  const read = (document: string, kind: PolicyKind, source: Omit<SourcePolicy, "document">) => {
    const parsed = parsePolicy(document, { kind, takesOldVersions: true });
    if (!parsed.ok) throw invalidInput(`${source.id}: ${parsed.refusal.message}`);
    const isShown = kind === "identity" || kind === "resource";
    const name = String(sources.size);
    if (isShown) sources.set(name, source);
    for (const key of isShown ? contextKeysOf(parsed.policy) : []) {
      if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
    }
    return compile(parsed.policy, { name: isShown ? name : "" });
  };
  const limit = (document: string, kind: PolicyKind, id: string): CompiledPolicy =>
    read(document, kind, { id, type: "none" });
  return {
    identity: combine(identity.map(({ document, ...rest }) => read(document, "identity", rest))),
    boundary:
      boundary === undefined
        ? undefined
        : limit(boundary, "boundary", "PermissionsBoundaryPolicyInputList.1"),
    resource:
      resource === undefined
        ? undefined
        : read(resource, "resource", { id: "ResourcePolicy", type: "resource" }),
    scp: levels?.map((level, at) => {
      const id = `OrderedOrganizationPolicyInputList.${at + 1}`;
      return combine(level.map((document) => limit(document, "scp", id)));
    }),
    sources,
    contextKeys: [...keys].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key),
  };
}
