import { encodePath, normalizePath, normalizeUri } from "./uri.ts";
import type { PathStyle } from "./request.ts";

/** A query parameter in canonical spelling. */
export type QueryPair = readonly [name: string, value: string];

/** A request target in its two parts: the path as on the wire, the query canonical and sorted. */
export type Target = {
  readonly path: string;
  readonly query: readonly QueryPair[];
};

/** Splits a raw request target. The absolute form (`http://host/path`) loses scheme and host. */
export function splitTarget(rawTarget: string): Target {
  const start = pathStart(rawTarget);
  const mark = rawTarget.indexOf("?", start);
  const path = rawTarget.slice(start, mark < 0 ? undefined : mark);
  return { path: path === "" ? "/" : path, query: mark < 0 ? [] : readQuery(rawTarget, mark + 1) };
}

/**
 * The path line of the canonical request. General: dot segments and doubled slashes folded, a
 * trailing slash kept, then encoded once more (`%20` becomes `%2520`). S3: spelt canonically only.
 * Source: "Create a signed AWS API request" in the IAM User Guide.
 */
export function canonicalPath(path: string, style: PathStyle): string {
  if (style === "s3") return normalizePath(path);
  const isPlain = !path.includes("//") && !path.includes("/.");
  return encodePath(isPlain ? path : foldSegments(path));
}

/** The query line of the canonical request, without the parameters named in `omitted`. */
export function canonicalQuery(query: readonly QueryPair[], omitted: readonly string[]): string {
  let line = "";
  for (const [name, value] of query) {
    if (omitted.includes(name)) continue;
    line += line === "" ? `${name}=${value}` : `&${name}=${value}`;
  }
  return line;
}

function pathStart(rawTarget: string): number {
  if (rawTarget.startsWith("/")) return 0;
  if (!rawTarget.startsWith("http://") && !rawTarget.startsWith("https://")) return 0;
  const authority = rawTarget.indexOf("//") + 2;
  for (let index = authority; index < rawTarget.length; index += 1) {
    const char = rawTarget[index];
    if (char === "/" || char === "?") return index;
  }
  return rawTarget.length;
}

function readQuery(rawTarget: string, start: number): readonly QueryPair[] {
  const pairs: QueryPair[] = [];
  for (const piece of rawTarget.slice(start).split("&")) {
    if (piece === "") continue;
    const equals = piece.indexOf("=");
    const name = equals < 0 ? piece : piece.slice(0, equals);
    const value = equals < 0 ? "" : piece.slice(equals + 1);
    pairs.push([normalizeUri(name), normalizeUri(value)]);
  }
  // By name, then value: sorting "name=value" would put "a-b=" before "a=".
  return pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function foldSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  if (kept.length === 0) return "/";
  return `/${kept.join("/")}${path.endsWith("/") ? "/" : ""}`;
}
