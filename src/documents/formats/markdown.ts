import { oneLine } from "../block.ts";
import type { Block, Extraction } from "../block.ts";
import { frontMatter } from "./front-matter.ts";
import { textLines } from "./text.ts";

type LineKind = "blank" | "fence" | "heading" | "table" | "item" | "text";

/**
 * Reads Markdown. The text keeps its syntax, as the service does; headings, lists, tables and code
 * are recognised so that chunks end where a reader would pause. YAML front matter is not text; its
 * `title` is the document's title, else the first heading is.
 */
export function readMarkdown(text: string): Extraction {
  const all = textLines(text);
  const front = frontMatter(all);
  const blocks = createBlocks();
  for (let at = front.lines; at < all.length; at += 1) blocks.add(all[at] ?? "", all[at + 1] ?? "");
  const found = blocks.finish();
  const title = front.title ?? found.find((block) => block.kind === "heading")?.label;
  return { ...(title === undefined ? {} : { title }), blocks: found, warnings: [] };
}

function createBlocks(): { add: (line: string, next: string) => void; finish: () => Block[] } {
  const blocks: Block[] = [];
  let kind: "paragraph" | "list" | "table" | "code" = "paragraph";
  let open: string[] = [];
  let fence: string | undefined;

  const close = (): void => {
    if (open.length > 0) blocks.push(toBlock(kind, open));
    open = [];
    kind = "paragraph";
  };
  const addTo = (wanted: typeof kind, line: string): void => {
    if (kind !== wanted) close();
    kind = wanted;
    open.push(line);
  };

  const add = (line: string, next: string): void => {
    if (fence !== undefined) {
      open.push(line);
      if (closesFence(line, fence)) {
        fence = undefined;
        close();
      }
      return;
    }
    const what = kindOf(line);
    if (what === "blank") close();
    else if (what === "fence") {
      close();
      fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      addTo("code", line);
    } else if (what === "heading") {
      close();
      blocks.push(atxHeading(line));
    } else if (kind === "paragraph" && open.length === 1 && underline(line) !== undefined) {
      blocks.push(setextHeading(open[0] ?? "", line));
      open = [];
    } else if (what === "table" && (kind === "table" || isTableRule(next))) addTo("table", line);
    else if (what === "item") addTo("list", line.trimEnd());
    else if (kind === "list") open.push(line.trimEnd());
    else addTo("paragraph", line.trimEnd());
  };

  return {
    add,
    finish() {
      close();
      return blocks;
    },
  };
}

function toBlock(kind: "paragraph" | "list" | "table" | "code", lines: readonly string[]): Block {
  if (kind !== "table") return { kind, text: lines.join("\n") };
  const rows = lines.map(cellsOf);
  return { kind, text: lines.map((line) => line.trim()).join("\n"), rows, headerRows: 2 };
}

function kindOf(line: string): LineKind {
  const start = line.trimStart();
  if (start === "") return "blank";
  const indent = line.length - start.length;
  if (indent <= 3 && (start.startsWith("```") || start.startsWith("~~~"))) return "fence";
  if (indent <= 3 && /^#{1,6}(?:[ \t]|$)/.test(start)) return "heading";
  if (/^(?:[*+-]|\d{1,9}[.)])[ \t]/.test(start)) return "item";
  return start.includes("|") ? "table" : "text";
}

function closesFence(line: string, fence: string): boolean {
  const start = line.trim();
  return start.length >= fence.length && start === fence.charAt(0).repeat(start.length);
}

function atxHeading(line: string): Block {
  const text = line.trim();
  let level = 0;
  while (text[level] === "#") level += 1;
  let end = text.length;
  while (end > level && text[end - 1] === "#") end -= 1;
  return { kind: "heading", text, level, label: inlineText(text.slice(level, end)) };
}

function setextHeading(line: string, rule: string): Block {
  const text = `${line}\n${rule.trim()}`;
  return { kind: "heading", text, level: underline(rule) ?? 2, label: inlineText(line) };
}

function underline(line: string): number | undefined {
  const mark = line.trim();
  if (mark === "" || line.length - line.trimStart().length > 3) return undefined;
  if (mark === "=".repeat(mark.length)) return 1;
  return mark === "-".repeat(mark.length) ? 2 : undefined;
}

/** `| --- | :--: |`: the rule below a table's header. */
function isTableRule(line: string): boolean {
  const rule = line.trim();
  return rule.includes("-") && rule.includes("|") && /^[-|: \t]+$/.test(rule);
}

function cellsOf(line: string): readonly string[] {
  const row = line.trim();
  const begin = row.startsWith("|") ? 1 : 0;
  const end = row.length > 1 && row.endsWith("|") ? row.length - 1 : row.length;
  return row.slice(begin, end).split("|").map(oneLine);
}

/** A heading without emphasis, code marks and trailing attributes. */
function inlineText(text: string): string {
  const bare = text.replace(/[*`]/g, "");
  const attributes = bare.lastIndexOf("{#");
  return oneLine(attributes > 0 && bare.trimEnd().endsWith("}") ? bare.slice(0, attributes) : bare);
}
