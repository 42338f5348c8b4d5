import {
  compile,
  type CompiledPolicy,
  contextKeysOf,
  type Policy,
  type PolicyKind,
  type PolicySet,
} from "../../iam/iam.ts";
import type { Flag, ParsedArguments } from "../arguments.ts";
import { type CliContext, usageError } from "../context.ts";
import { readTexts, requirePolicy } from "./files.ts";

/** Flags that name policy files, each with the layer it belongs to. */
const layers = [
  { flag: "--policy", kind: "identity", help: "what the caller may do" },
  { flag: "--trust", kind: "trust", help: "the trust policy of the role that is to be assumed" },
  { flag: "--resource-policy", kind: "resource", help: "the resource's own policy" },
  { flag: "--key-policy", kind: "key", help: "the policy of the KMS key that is the resource" },
  { flag: "--boundary", kind: "boundary", help: "the caller's permissions boundary" },
  { flag: "--session-policy", kind: "session", help: "what AssumeRole was given" },
  { flag: "--scp", kind: "scp", help: "a service control policy; each is a level of its own" },
] as const satisfies readonly { flag: string; kind: PolicyKind; help: string }[];

type Layer = (typeof layers)[number];

export const policyFlags: readonly Flag[] = layers.map(({ flag, help }) => ({
  name: flag,
  value: "FILE",
  isRepeatable: flag !== "--trust" && flag !== "--resource-policy" && flag !== "--key-policy",
  help,
}));

/** Policies that apply to a simulated call. */
export type SimulatedPolicies = {
  readonly set: PolicySet;
  /** Condition keys that any of them looks at. */
  readonly contextKeys: readonly string[];
};

/**
 * Reads all policy files of a command line.
 *
 * @throws CliError with exit code 2 for a file that cannot be read or that IAM would refuse.
 */
export async function readPolicySet(
  parsed: ParsedArguments,
  context: CliContext,
): Promise<SimulatedPolicies> {
  const named = layers.map((layer) => ({ layer, names: namesOf(layer, parsed) }));
  if (named.every(({ names }) => names.length === 0)) {
    throw usageError("Which policies? Write --policy FILE, or --trust FILE for a role.");
  }
  const one = ["--trust", "--resource-policy", "--key-policy"].filter((name) =>
    parsed.flags.has(name),
  );
  if (one.length > 1) throw usageError(`${one.join(" and ")} exclude each other; give one.`);
  const files = await readTexts(
    named.flatMap(({ names }) => names),
    context,
  );
  const policies: Policy[] = [];
  let at = 0;
  const compiled = named.map(({ layer, names }) => {
    const own = files.slice(at, (at += names.length)).map((file) => {
      const policy = requirePolicy(file, { kind: layer.kind });
      policies.push(policy);
      return compile(policy, { name: file.name });
    });
    return [layer.kind, own] as const;
  });
  const byKind = new Map<PolicyKind, readonly CompiledPolicy[]>(compiled);
  return { set: setOf(byKind), contextKeys: keysOf(policies) };
}

function namesOf({ kind, flag }: Layer, { flags, words }: ParsedArguments): readonly string[] {
  return [...(flags.get(flag) ?? []), ...(kind === "identity" ? words : [])];
}

function setOf(byKind: ReadonlyMap<PolicyKind, readonly CompiledPolicy[]>): PolicySet {
  const of = (kind: PolicyKind): readonly CompiledPolicy[] => byKind.get(kind) ?? [];
  const resource = [...of("trust"), ...of("resource"), ...of("key")];
  const present = (kind: PolicyKind): boolean => of(kind).length > 0;
  return {
    identity: of("identity"),
    ...(resource.length > 0 && { resource }),
    ...(present("boundary") && { boundary: of("boundary") }),
    ...(present("session") && { session: of("session") }),
    ...(present("scp") && { scp: of("scp") }),
  };
}

function keysOf(policies: readonly Policy[]): readonly string[] {
  const keys = new Map<string, string>();
  for (const key of policies.flatMap(contextKeysOf)) {
    if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  }
  return [...keys.values()].toSorted();
}
