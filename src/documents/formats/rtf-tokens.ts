/** A piece of RTF. A control symbol such as `\\~` is a word of one character. */
export type Token =
  | { readonly kind: "open" | "close" }
  | { readonly kind: "word"; readonly word: string; readonly value: number | undefined }
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "text"; readonly text: string };

/** The pieces of RTF in order. */
export function* rtfTokens(bytes: Buffer): Generator<Token> {
  const source = bytes.toString("latin1");
  const control = /([A-Za-z]{1,32})(-?\d{1,10})? ?/y;
  const plain = /[^\\{}\r\n\0]+/y;
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === "{" || character === "}") {
      yield { kind: character === "{" ? "open" : "close" };
      at += 1;
    } else if (character !== "\\") {
      plain.lastIndex = at;
      const text = plain.exec(source)?.[0];
      at += text?.length ?? 1;
      if (text === undefined) continue;
      if (/[\x80-\xff]/.test(text))
        for (const byte of Buffer.from(text, "latin1")) yield { kind: "byte", byte };
      else yield { kind: "text", text };
    } else if (source[at + 1] === "'") {
      const byte = Number.parseInt(source.slice(at + 2, at + 4), 16);
      if (!Number.isNaN(byte)) yield { kind: "byte", byte };
      at += 4;
    } else {
      control.lastIndex = at + 1;
      const found = control.exec(source);
      if (found !== null) {
        const [whole, word = "", digits] = found;
        at += 1 + whole.length;
        const value = digits === undefined ? undefined : Number(digits);
        if (word === "bin") at += Math.max(0, value ?? 0);
        else yield { kind: "word", word, value };
        continue;
      }
      const symbol = source.charAt(at + 1);
      at += 2;
      if (symbol === "\\" || symbol === "{" || symbol === "}") yield { kind: "text", text: symbol };
      else if (symbol === "\n" || symbol === "\r")
        yield { kind: "word", word: "par", value: undefined };
      else if (symbol !== "-") yield { kind: "word", word: symbol, value: undefined };
    }
  }
}
