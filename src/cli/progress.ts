import type { TextSink } from "./context.ts";
import { plainLine } from "./table.ts";

/** How far something is. Without a total nobody knows the end yet. */
export type Progress = {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  /** What is counted, and what else is to be said: `12 of 31 documents, 1 failed`. */
  readonly text: string;
};

/** Shows progress: a bar that redraws itself on a terminal, a line now and then elsewhere. */
export type ProgressView = {
  readonly show: (progress: Progress) => void;
  /** Clears the bar; what comes next is written on a line of its own. */
  readonly end: () => void;
};

const barWidth = 24;
const lineEveryMs = 2000;

/** A progress view on `out`; `now` decides how often plain lines are written. */
export function createProgressView(options: {
  readonly out: TextSink;
  readonly isTerminal: boolean;
  readonly now: () => Date;
}): ProgressView {
  return options.isTerminal ? terminalView(options.out) : plainView(options);
}

/** A view that shows nothing: for `--json`. */
export const silentView: ProgressView = { show: () => undefined, end: () => undefined };

function terminalView(out: TextSink): ProgressView {
  let isShown = false;
  return {
    show(progress) {
      // Carriage return, then "erase to the end of the line": no flicker, no rest of a longer line.
      // A bar that is broken into two lines would leave one of them behind at each step.
      const line = [...renderBar(progress)].slice(0, (out.columns ?? 80) - 1).join("");
      out.write(`\r${line}\u001b[K`);
      isShown = true;
    },
    end() {
      if (isShown) out.write("\r\u001b[K");
      isShown = false;
    },
  };
}

function plainView({
  out,
  now,
}: {
  readonly out: TextSink;
  readonly now: () => Date;
}): ProgressView {
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownLine = "";
  return {
    show({ label, text }) {
      const line = plainLine(`${label}: ${text}`);
      const at = now().getTime();
      if (line === shownLine || at - shownAt < lineEveryMs) return;
      [shownLine, shownAt] = [line, at];
      out.write(`${line}\n`);
    },
    end: () => undefined,
  };
}

/** One line of a bar: `Syncing  [######------]  50%  12 of 24 documents`. */
export function renderBar({ label, done, total, text }: Progress): string {
  const share = total === undefined || total <= 0 ? 0 : Math.min(1, Math.max(0, done / total));
  const filled = Math.floor(share * barWidth);
  const bar = "#".repeat(filled) + "-".repeat(barWidth - filled);
  const percent = total === undefined ? "   " : `${String(Math.floor(share * 100)).padStart(2)}%`;
  return plainLine(`${label}  [${bar}]  ${percent}  ${text}`);
}
