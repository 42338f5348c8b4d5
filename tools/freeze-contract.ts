// Freezes the public contract of the service into the repository:
//   src/contract/contract.json  operations and shapes, from the schemas and declarations that the
//                               published package @aws-sdk/client-qbusiness exports
//   src/contract/shapes.ts      the same as TypeScript types
//   src/contract/limits.ts      lengths, ranges, patterns, sizes, from the wire-facts table
// Run it after a new version of either source; the results are committed. Both sources describe
// the same contract, so each thing that both know is compared, and a difference stops the script.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { byKey, limitsText, shapesText } from "./freeze-contract-text.ts";
import type { Facts, Frozen, Member, Scalar, Shape, Type } from "./freeze-contract-text.ts";

const root = new URL("..", import.meta.url);
const factsUrl = new URL("../shared/spec/qbusiness-wire-facts.json", root);
const packageName = "@aws-sdk/client-qbusiness";
const require = createRequire(import.meta.url);

/** What keeps the script from running here, or undefined when both sources are at hand. */
export function missingSource(): string | undefined {
  if (!existsSync(factsUrl)) return "the wire-facts table is not here";
  try {
    require.resolve(packageName);
    return undefined;
  } catch {
    return `${packageName} is not installed`;
  }
}

/** The generated files, path in the repository -> text. The same sources give the same bytes. */
export async function freezeContract(): Promise<Readonly<Record<string, string>>> {
  const facts = JSON.parse(readFileSync(factsUrl, "utf8")) as Facts;
  const declarations = readDeclarations();
  const frozen = await readSchemas(declarations, facts);
  compareWithFacts(frozen, facts);
  return {
    "src/contract/contract.json": jsonText(frozen),
    "src/contract/shapes.ts": format("shapes.ts", shapesText(frozen)),
    "src/contract/limits.ts": format("limits.ts", limitsText(facts)),
  };
}

// --- the package's declarations: names of enums, errors of operations -------------------------

type EnumNames = readonly (string | undefined)[];
type Declarations = {
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** Members that take an enum, "Structure.member" -> its name; a map's key's and value's. */
  readonly enumMembers: ReadonlyMap<string, EnumNames>;
  readonly errorsOf: (operation: string) => readonly string[];
};

function readDeclarations(): Declarations {
  const types = new URL("../dist-types/", `file://${require.resolve(packageName)}`);
  const read = (path: string): string => readFileSync(new URL(path, types), "utf8");
  const enums = new Map<string, readonly string[]>();
  for (const [, name = "", body = ""] of read("models/enums.d.ts").matchAll(
    /export declare const (\w+): \{([^}]*)\}/g,
  )) {
    enums.set(
      name,
      [...body.matchAll(/readonly [^:]+: "([^"]*)"/g)].map((match) => match[1] ?? ""),
    );
  }
  const enumMembers = new Map<string, EnumNames>();
  for (const file of ["models/models_0.d.ts", "models/models_1.d.ts", "models/errors.d.ts"]) {
    const text = read(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
    const blocks = /^export (?:interface|declare class) (\w+)[^{]*\{([\s\S]*?)^\}/gm;
    for (const [, structure = "", body = ""] of text.matchAll(blocks)) {
      for (const [, member = "", type = ""] of body.matchAll(/^ {4}(\w+)\??: ([^;]+);/gm)) {
        const map = /Record<(\w+), (\w+)>/.exec(type);
        const names = map === null ? [/^\w+/.exec(type)?.[0]] : [map[1], map[2]];
        const used = names.map((name) => (enums.has(name ?? "") ? name : undefined));
        if (used.some(Boolean)) enumMembers.set(`${structure}.${member}`, used);
      }
    }
  }
  const errorsOf = (operation: string): readonly string[] =>
    [...read(`commands/${operation}Command.d.ts`).matchAll(/@throws \{@link (\w+)\}/g)]
      .map((match) => match[1] ?? "")
      .filter((name) => name !== "QBusinessServiceException");
  return { enums, enumMembers, errorsOf };
}

// --- the package's schemas: operations, structures, unions, errors ----------------------------

const structureKinds: Readonly<Record<number, Shape["kind"]>> = {
  3: "structure",
  4: "union",
  [-3]: "error",
};
const scalars: Readonly<Record<number, Scalar>> = {
  0: "string",
  1: "number",
  2: "boolean",
  4: "timestamp",
  15: "document",
  21: "blob",
};
// Bits of a trait number, in the order that the schema library documents.
const traitBits = ["httpLabel", "idempotent", "idempotencyToken", "sensitive", "httpPayload"];
type Traits = Readonly<Record<string, unknown>>;

function traitsOf(value: unknown): Traits {
  if (typeof value !== "number") return (value ?? {}) as Traits;
  return Object.fromEntries(traitBits.filter((_, bit) => (value >> bit) & 1).map((t) => [t, 1]));
}

async function readSchemas(declarations: Declarations, facts: Facts): Promise<Frozen> {
  const frozen: Frozen = { operations: {}, shapes: {} };
  for (const [name, values] of declarations.enums) frozen.shapes[name] = { kind: "enum", values };
  const reader = schemaReader(frozen.shapes, declarations);
  const exported: Readonly<Record<string, unknown>> = await import(packageName);
  for (const value of Object.values(exported)) {
    if (!Array.isArray(value)) continue;
    const [kind, , name, traits, input, output] = value as readonly unknown[];
    if (kind === -3 && name !== "QBusinessServiceException") reader.nameOf(value);
    if (kind !== 9) continue;
    const [method, uri, status] = traitsOf(traits)["http"] as [string, string, number];
    const [path, query] = uri.split("?");
    const { readonly, idempotent } = facts.operations[String(name)] ?? {};
    frozen.operations[String(name)] = {
      method,
      path,
      ...(query === undefined ? {} : { query }),
      status,
      ...(readonly === true ? { readonly } : {}),
      ...(idempotent === true ? { idempotent } : {}),
      input: reader.nameOf(input),
      output: reader.nameOf(output),
      errors: declarations.errorsOf(String(name)).toSorted(),
    };
  }
  return frozen;
}

function schemaReader(shapes: Record<string, Shape>, { enumMembers }: Declarations) {
  /** Takes functions and [schema, traits] pairs off a schema and gathers the traits. */
  function unwrap(reference: unknown): { readonly schema: unknown; readonly traits: Traits } {
    let schema = typeof reference === "function" ? (reference as () => unknown)() : reference;
    let traits: Traits = {};
    while (Array.isArray(schema) && (schema.length === 2 || typeof schema[0] === "function")) {
      traits = { ...traitsOf(schema[1]), ...traits };
      schema = typeof schema[0] === "function" ? schema[0]() : schema[0];
    }
    if (Array.isArray(schema)) traits = { ...traitsOf(schema[3]), ...traits };
    return { schema, traits };
  }

  /** The contract's type of a schema; `names` are the enums its strings take, outermost first. */
  function typeOf(reference: unknown, names: EnumNames): Type {
    const { schema, traits } = unwrap(reference);
    if (typeof schema === "number") {
      if (schema >= 128)
        return { map: typeOf(schema - 128, names.slice(1)), key: typeOf(0, names) };
      if (schema >= 64) return { list: typeOf(schema - 64, names) };
      const scalar = scalars[schema];
      assert.ok(scalar !== undefined, `unknown simple schema ${schema}`);
      return scalar === "string" && names[0] !== undefined ? { shape: names[0] } : scalar;
    }
    assert.ok(Array.isArray(schema), `unknown schema ${String(schema)}`);
    const [kind, , , , item, value] = schema as readonly unknown[];
    if (kind === 0) return typeOf(item, names);
    if (kind === 1)
      return { list: typeOf(item, names), ...(traits["sparse"] ? { sparse: true } : {}) };
    if (kind !== 2) return { shape: nameOf(schema) };
    return { map: typeOf(value, names.slice(1)), key: typeOf(item, names.slice(0, 1)) };
  }

  function placeOf(traits: Traits): Member["in"] {
    if (traits["httpLabel"]) return "path";
    if (traits["httpQuery"]) return "query";
    return traits["httpPayload"] ? "stream" : undefined;
  }

  function memberOf(structure: string, member: string, reference: unknown): Member {
    const { traits } = unwrap(reference);
    const query = traits["httpQuery"];
    const place = placeOf(traits);
    return {
      type: typeOf(reference, enumMembers.get(`${structure}.${member}`) ?? []),
      ...(place === undefined ? {} : { in: place }),
      ...(query ? { as: String(query) } : {}),
      ...(traits["idempotencyToken"] ? { token: true } : {}),
      ...(traits["sensitive"] ? { sensitive: true } : {}),
    };
  }

  function nameOf(reference: unknown): string {
    const { schema, traits } = unwrap(reference);
    if (schema === "unit") {
      shapes["Unit"] = { kind: "structure", required: [], members: {} };
      return "Unit";
    }
    const [kind, , name, , members, types, required] = schema as [number, ...unknown[]];
    const shape = String(name);
    if (shapes[shape] !== undefined) return shape;
    const status = traits["httpError"];
    const result = {
      kind: structureKinds[kind] ?? assert.fail(`unknown kind ${kind} of ${shape}`),
      ...(typeof status === "number" ? { status } : {}),
      required: (members as readonly string[]).slice(0, Number(required ?? 0)).toSorted(),
      members: {} as Record<string, Member>,
    };
    shapes[shape] = result;
    for (const [index, member] of (members as readonly string[]).entries()) {
      result.members[member] = memberOf(shape, member, (types as readonly unknown[])[index]);
    }
    return shape;
  }

  return { nameOf };
}

function compareWithFacts({ operations, shapes }: Frozen, facts: Facts): void {
  assert.deepEqual(Object.keys(operations).toSorted(), Object.keys(facts.operations).toSorted());
  for (const [name, operation] of Object.entries(operations)) {
    const { path, query, errors } = operation as { path: string; query?: string; errors: string[] };
    const fact = facts.operations[name];
    assert.equal(query === undefined ? path : `${path}?${query}`, fact?.uri, name);
    assert.deepEqual(errors, fact?.errors.toSorted(), name);
  }
  for (const [name, shape] of Object.entries(shapes)) {
    const fact = facts.shapes[name];
    if (shape.kind === "enum") {
      // The table leaves out one enum that only a list without a name of its own uses.
      if (fact !== undefined) assert.deepEqual(shape.values?.toSorted(), fact.values?.toSorted());
      continue;
    }
    const members = Object.entries(fact?.members ?? {});
    assert.deepEqual(
      Object.keys(shape.members ?? {}).toSorted(),
      members.map(([member]) => member).toSorted(),
      name,
    );
    const required = members.filter(([, member]) => member.required).map(([member]) => member);
    assert.deepEqual(shape.required, required.toSorted(), name);
  }
}

// --- output -----------------------------------------------------------------------------------

/** JSON with one line per operation and shape; members keep the order of the published schema. */
function jsonText({ operations, shapes }: Frozen): string {
  const table = (name: string, values: object): string => {
    const rows = Object.entries(values).toSorted(byKey);
    return `"${name}": {\n${rows.map(([k, v]) => `"${k}": ${JSON.stringify(v)}`).join(",\n")}\n}`;
  };
  return `{\n${table("operations", operations)},\n${table("shapes", shapes)}\n}\n`;
}

function format(name: string, text: string): string {
  const script = fileURLToPath(new URL("node_modules/oxfmt/bin/oxfmt", root));
  const args = [script, `--stdin-filepath=${name}`];
  const run = spawnSync(process.execPath, args, { cwd: root, input: text, encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

if (import.meta.main) {
  const missing = missingSource();
  if (missing !== undefined) throw new Error(`Cannot freeze the contract: ${missing}.`);
  for (const [path, text] of Object.entries(await freezeContract())) {
    writeFileSync(new URL(path, root), text);
    console.log(`${path}: ${text.length} characters`);
  }
}
