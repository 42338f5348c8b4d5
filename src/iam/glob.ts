// Wildcard matching without a regular expression engine: a policy author must not be able to stall
// the evaluator. `*` is any run of characters, `?` exactly one; nothing else is special.

/** A stretch without `*`: plain text, or runs of text with exactly one character between them. */
type Piece = string | readonly string[];

/** A compiled pattern: its stretches in order, with a `*` between each two. */
export type Glob = readonly Piece[];

/** `*` alone, shared because most patterns end with it. */
export const anything: Glob = ["", ""];

/** The parts a pattern is made of; literal text may itself contain stars, which then mean stars. */
export type GlobToken = { readonly literal: string } | "*" | "?";

/** Splits pattern text at its wildcards. */
export function globTokens(pattern: string): readonly GlobToken[] {
  const tokens: GlobToken[] = [];
  let from = 0;
  for (let at = 0; at <= pattern.length; at += 1) {
    const char = pattern[at];
    if (char !== "*" && char !== "?" && char !== undefined) continue;
    if (at > from) tokens.push({ literal: pattern.slice(from, at) });
    if (char !== undefined) tokens.push(char);
    from = at + 1;
  }
  return tokens;
}

export function compileGlob(tokens: readonly GlobToken[]): Glob {
  const pieces: Piece[] = [];
  let runs = [""];
  const endPiece = (): void => {
    pieces.push(runs.length === 1 ? (runs[0] ?? "") : [...runs]);
    runs = [""];
  };
  for (const token of tokens) {
    if (token === "*") endPiece();
    else if (token === "?") runs.push("");
    else runs.push((runs.pop() ?? "") + token.literal);
  }
  endPiece();
  // A run of stars is one star: the empty stretches inside it would only cost time.
  const last = pieces.length - 1;
  const needed = pieces.filter((piece, at) => piece !== "" || at === 0 || at === last);
  // Copied to measure: the list above has room for sixteen pieces, and there are many globs.
  return needed.length === 2 && needed[0] === "" && needed[1] === "" ? anything : [...needed];
}

/** Does the pattern match the text from an offset to its end? At worst text × pattern steps. */
export function globMatches(glob: Glob, text: string, from = 0): boolean {
  if (glob === anything) return from <= text.length;
  const first = glob[0] ?? "";
  let at = matchAt(first, text, from);
  if (glob.length === 1) return at === text.length;
  if (at < 0) return false;
  for (let index = 1; index < glob.length - 1; index += 1) {
    at = find(glob[index] ?? "", text, at);
    if (at < 0) return false;
  }
  return endsWith(glob[glob.length - 1] ?? "", text, at);
}

/** The offset behind the piece, or -1 when it does not stand at `at`. */
function matchAt(piece: Piece, text: string, at: number): number {
  if (typeof piece === "string") return text.startsWith(piece, at) ? at + piece.length : -1;
  let end = at;
  for (let index = 0; index < piece.length; index += 1) {
    if (index > 0) {
      if (end >= text.length) return -1;
      end += widthAt(text, end);
    }
    const run = piece[index] ?? "";
    if (!text.startsWith(run, end)) return -1;
    end += run.length;
  }
  return end;
}

function find(piece: Piece, text: string, from: number): number {
  if (typeof piece === "string") {
    const at = text.indexOf(piece, from);
    return at < 0 ? -1 : at + piece.length;
  }
  for (let at = from; at <= text.length; at += at < text.length ? widthAt(text, at) : 1) {
    const end = matchAt(piece, text, at);
    if (end >= 0) return end;
  }
  return -1;
}

function endsWith(piece: Piece, text: string, from: number): boolean {
  if (typeof piece === "string") return text.length - piece.length >= from && text.endsWith(piece);
  let at = text.length;
  for (let index = piece.length - 1; index >= 0; index -= 1) {
    const run = piece[index] ?? "";
    at -= run.length;
    if (at < from || !text.startsWith(run, at)) return false;
    if (index === 0) return true;
    at -= at >= 2 && widthAt(text, at - 2) === 2 ? 2 : 1;
  }
  return at >= from;
}

/** `?` stands for a character, which outside the basic plane is two code units. */
function widthAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 0xd800 || code > 0xdbff) return 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
}
