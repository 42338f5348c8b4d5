/** A web experience as its address names it. */
export type SiteIds = { readonly applicationId: string; readonly webExperienceId: string };

/** What lies below a site's address. */
export type SitePart = "page" | "open" | "state" | "chat" | "feedback";

/** What an unsigned request asks for. */
export type PageRoute =
  | { readonly kind: "root" | "health" | "metrics" | "missing" }
  | { readonly kind: "asset"; readonly name: string }
  | { readonly kind: "content"; readonly token: string }
  | { readonly kind: "slash"; readonly ids: SiteIds }
  | { readonly [Part in SitePart]: { readonly kind: Part; readonly ids: SiteIds } }[SitePart];

const targetLengthMax = 8192;
const idPattern = /^[a-zA-Z0-9][a-zA-Z0-9-]{35}$/;
const plain: Readonly<Record<string, "root" | "health" | "metrics" | "missing">> = {
  "/": "root",
  "/health": "health",
  "/metrics": "metrics",
  "/favicon.ico": "missing",
};
const tokenPattern = /^[a-zA-Z0-9_-]{1,200}$/;
const parts: ReadonlySet<string> = new Set<SitePart>(["open", "state", "chat", "feedback"]);

/** The path of a raw target: nothing is decoded, for no address of ours needs an escape. */
export function pathOf(rawTarget: string): string {
  const mark = rawTarget.indexOf("?");
  return mark === -1 ? rawTarget : rawTarget.slice(0, mark);
}

/** Finds the page of a raw target; undefined where the path is none of the unsigned ones. */
export function routePage(rawTarget: string): PageRoute | undefined {
  const path = pathOf(rawTarget);
  const kind = Object.hasOwn(plain, path) ? plain[path] : undefined;
  if (kind !== undefined) return { kind };
  if (path === "/content" || path.startsWith("/content/")) {
    const token = path.slice("/content/".length);
    return tokenPattern.test(token) ? { kind: "content", token } : { kind: "missing" };
  }
  if (path !== "/web" && !path.startsWith("/web/")) return undefined;
  const [, , first = "", second = "", ...rest] =
    rawTarget.length > targetLengthMax ? [] : path.split("/", 7);
  const [part, ...more] = rest;
  if (first === "assets" && second !== "" && part === undefined) {
    return { kind: "asset", name: second };
  }
  if (!idPattern.test(first) || !idPattern.test(second)) return { kind: "missing" };
  const ids = { applicationId: first, webExperienceId: second };
  if (part === undefined) return { kind: "page", ids };
  if (part === "" && more.length === 0) return { kind: "slash", ids };
  const isPart = parts.has(part) && more.length === 0;
  return isPart ? { kind: part as SitePart, ids } : { kind: "missing" };
}
