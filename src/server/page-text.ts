import type { Outgoing } from "./exchange.ts";
import { htmlAnswer } from "./page-answer.ts";
import { pathOf } from "./page-route.ts";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, also between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}

/** What a page of the server's own says. */
export type PlainText = {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Redeems the link; only where it is one. */
  readonly isOpening?: boolean;
};

/**
 * A page of the server's own. It names its files relative to itself: a proxy may put the server
 * under a prefix.
 */
export function plainPage(rawTarget: string, text: PlainText): string {
  const { title, paragraphs, isOpening = false } = text;
  const up = "../".repeat(Math.max(0, pathOf(rawTarget).split("/").length - 2));
  const script = isOpening
    ? `<script type="module" src="${up}web/assets/quarry-open.js"></script>\n`
    : "";
  const noScript = isOpening
    ? "<noscript><p>This page needs JavaScript to open the link.</p></noscript>\n"
    : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${up}web/assets/quarry-plain.css">
${script}</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")}
${noScript}</main>
</body>
</html>
`;
}

/** Why a site cannot be shown. */
export const plainTexts = {
  opening: { title: "Opening…", paragraphs: ["One moment."], isOpening: true },
  missing: {
    title: "Nothing here",
    paragraphs: ["This address leads to no page of this server."],
  },
  missingSite: {
    title: "This site does not exist",
    paragraphs: [
      "It was deleted, or its address is not complete.",
      "Go back to where you found the link and look for a newer one.",
    ],
  },
  staleLink: {
    title: "A fresh link is needed",
    paragraphs: [
      "This link was used already, or its five minutes are over: each link opens once.",
      "Go back to where you found the link and open it again from there.",
    ],
  },
  foreign: {
    title: "This link cannot be opened here",
    paragraphs: [
      "The request did not seem to come from this server's own page. The link has not been used up.",
      "(For the server's owner: behind a proxy, set --public-url to the address that people see.)",
    ],
  },
  notBuilt: {
    title: "The page is not built",
    paragraphs: ["Run “npm run build” in Quarry's folder and start the server again."],
  },
  tooMany: {
    title: "Too many visits at once",
    paragraphs: ["Wait a moment, then load this page again."],
  },
  failed: {
    title: "Something went wrong",
    paragraphs: ["The server could not make this page. It is not your fault."],
  },
} as const satisfies Readonly<Record<string, PlainText>>;

/** An answer with one of these texts. */
export function plainAnswer(
  status: number,
  { rawTarget }: { readonly rawTarget: string },
  text: PlainText,
  options: Parameters<typeof htmlAnswer>[2] = {},
): Outgoing {
  return htmlAnswer(status, plainPage(rawTarget, text), options);
}
