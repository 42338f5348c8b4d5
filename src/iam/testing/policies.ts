// Shorthand for tests and benchmarks: documents as objects, compiled or refused loudly.

import { type CompileOptions, type CompiledPolicy, compile } from "../compile.ts";
import { parsePolicy } from "../parse-policy.ts";
import type { PolicyKind } from "../policy.ts";

/** Compiles a document given as an object or as text; a refusal is a mistake in the test. */
export function compiled(
  document: unknown,
  kind: PolicyKind = "identity",
  options: CompileOptions = {},
): CompiledPolicy {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  const parsing = parsePolicy(text, { kind, takesOldVersions: true });
  if (!parsing.ok) {
    const faults = parsing.refusal.faults.map(({ detail }) => detail).join("; ");
    throw new Error(`${parsing.refusal.message} ${faults} in ${text}`);
  }
  return compile(parsing.policy, options);
}

/** A document of one statement. */
export function document(...statements: readonly object[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
