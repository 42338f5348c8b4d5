import { oneLine } from "../block.ts";

const lengthMax = 300;

/** The title its author gave a document, unless a program made it up from the name of a file. */
export function authoredTitle(written: string): string | undefined {
  const title = oneLine(written.slice(0, 4 * lengthMax).replaceAll("\0", "")).slice(0, lengthMax);
  const isMadeUp =
    /^(?:untitled|microsoft |powerpoint presentation$|document ?\d*$)/i.test(title) ||
    /\.\w{2,5}$/.test(title);
  return title === "" || isMadeUp ? undefined : title.toWellFormed();
}
