/**
 * The API as data: what the service's published contract says, and nothing of what we do with it.
 *
 * An *operation* is one call of the API (`ChatSync`); a *shape* is a structure, union, error or
 * enumeration that goes over the wire; a *member* is a named part of a shape; a *limit* is what
 * the API reference demands of a value. `contract.json`, `shapes.ts` and `limits.ts` are generated
 * by `tools/freeze-contract.ts`. Reading and writing bytes by these tables is the task of `wire`.
 */
import frozen from "./contract.json" with { type: "json" };
import type { Bounds, Limit } from "./limit.ts";
import { limitPlaces, limits } from "./limits.ts";
import type { ErrorTypes, OperationTypes } from "./shapes.ts";

export type * from "./shapes.ts";
export { limitPlaces, limits };
export type { Bounds, Limit };
export { isQueryAction, queryContracts, queryShapeOf } from "./iam-contract.ts";
export type {
  QueryAction,
  QueryContract,
  QueryInputOf,
  QueryOperations,
  QueryOutputOf,
  QueryService,
  QueryShape,
} from "./iam-contract.ts";
export type * as iamShapes from "./iam-shapes.ts";
export type * as stsShapes from "./iam-sts-shapes.ts";

/** Name of one of the 83 operations. */
export type OperationName = keyof OperationTypes;
/** What an operation takes, as `wire` decodes it. */
export type InputOf<Name extends OperationName> = OperationTypes[Name]["input"];
/** What an operation answers, before `wire` encodes it. */
export type OutputOf<Name extends OperationName> = OperationTypes[Name]["output"];
/** Name of a modelled exception. */
export type ExceptionName = keyof ErrorTypes;

/** One operation: where its requests go, and which shapes they carry. */
export type OperationContract = {
  readonly method: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  /** Path with labels in braces, each a whole segment. */
  readonly path: string;
  /** A query key whose presence is part of the route. */
  readonly query?: string;
  readonly status: number;
  /** Modelled as free of side effects. */
  readonly readonly?: boolean;
  /** Modelled as safe to repeat (HTTP). */
  readonly idempotent?: boolean;
  readonly input: string;
  readonly output: string;
  readonly errors: readonly ExceptionName[];
};

/** Types without members of their own. Number: see the limit's `bits`. Document: any JSON. */
export type ScalarType = "string" | "number" | "boolean" | "timestamp" | "blob" | "document";

/** The type of a member: a scalar, a shape by name, a list or a map. */
export type MemberType =
  | ScalarType
  | { readonly shape: string }
  | { readonly list: MemberType; readonly sparse?: boolean }
  | { readonly map: MemberType; readonly key: MemberType };

/** A member of a structure, union or error. */
export type MemberContract = {
  readonly type: MemberType;
  /** Where it travels if not in the body: label, query string, or the body as an event stream. */
  readonly in?: "path" | "query" | "stream";
  /** The key in the query string. */
  readonly as?: string;
  /** Idempotency token: clients fill it in themselves. */
  readonly token?: boolean;
  /** Not for logs. */
  readonly sensitive?: boolean;
};

/** A shape with members. */
export type StructureContract = {
  readonly kind: "structure" | "union" | "error";
  /** HTTP status of an error. */
  readonly status?: number;
  readonly required: readonly string[];
  readonly members: Readonly<Record<string, MemberContract>>;
};

/** A shape that is a choice of texts. */
export type EnumContract = { readonly kind: "enum"; readonly values: readonly string[] };

/** Any shape. */
export type ShapeContract = StructureContract | EnumContract;

const tables: unknown = frozen;
const { operations: frozenOperations, shapes: frozenShapes } = tables as {
  readonly operations: unknown;
  readonly shapes: unknown;
};

/** Operation name -> operation. */
export const operations = frozenOperations as Readonly<Record<OperationName, OperationContract>>;

/** Shape name -> shape. */
export const shapes = frozenShapes as Readonly<Record<string, ShapeContract>>;

/** Exception -> HTTP status and body members (API reference, "Common Errors" and each operation). */
export const exceptions = Object.fromEntries(
  Object.entries(shapes).filter(([, shape]) => shape.kind === "error"),
) as Readonly<Record<ExceptionName, StructureContract & { readonly status: number }>>;

/** Whether a text names an operation. */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

/** The structure, union or error of that name; a name that is none is a bug in the caller. */
export function structureOf(name: string): StructureContract {
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined || shape.kind === "enum") throw new Error(`No structure named ${name}.`);
  return shape;
}
