import type { Turn } from "./conversation.ts";
import { parseMarkdown, plainText } from "./markdown.ts";

/** What a screen reader says about the newest turn: once when it begins, once when it is complete. */
export function announcementOf(turn: Turn | undefined): string {
  switch (turn?.status) {
    case "streaming":
      return "Answering.";
    case "done":
      return `Answer: ${plainText(parseMarkdown(turn.text))} ${countOf(turn.sources.length)}`;
    case "stopped":
      return "Stopped.";
    // A failure is an alert of its own.
    case "failed":
    case undefined:
      return "";
  }
}

function countOf(sources: number): string {
  if (sources === 0) return "No sources.";
  return sources === 1 ? "One source." : `${sources} sources.`;
}
