// Every pattern is a list of plain or negated classes with an upper bound: linear on any input.
const rules: readonly (readonly [RegExp, string])[] = [
  // Template instructions of site generators.
  [/\{%[^%\n]{0,300}%\}/g, " "],
  [/\{:[^{}\n]{0,200}\}/g, " "],
  // Heading marks, quotation marks and list bullets at the beginning.
  [/^\s{0,8}(?:>\s{0,3}){1,4}/, ""],
  [/^\s{0,8}#{1,6}\s+/, ""],
  [/^\s{0,20}(?:[-*+•]|\d{1,3}[.)])\s{1,4}(?:\[[ xX]\]\s)?/, ""],
  // Citation marks of the source would be taken for ours. An index, as in a[0], is none.
  [/(?:(?<=[.,;:!?"')])|\s)(?:\[(?:\d{1,3}|citation needed)\]){1,20}/g, ""],
  // Images leave their description, links their text.
  [/!?\[([^[\]\n]{0,400})\]\([^()\n]{0,800}\)/g, "$1"],
  [/!?\[([^[\]\n]{1,400})\]\[[^[\]\n]{0,200}\]/g, "$1"],
  [/<((?:https?|mailto):[^<>\s]{1,800})>/g, "$1"],
  [
    /<\/?(?:a|b|i|p|br|em|strong|code|span|div|sup|sub|small|ul|ol|li)(?:\s[^<>]{0,400})?\/?>/gi,
    " ",
  ],
  // Emphasis and code spans. Underscores and stars inside words are names and products.
  [/``?([^`\n]{1,400})``?/g, "$1"],
  [/\*\*\*?(?=\S)([^*\n]{1,400})\*\*\*?/g, "$1"],
  [/(?<![\w*\\])\*(?=[^\s*])([^*\\\n]{1,400})\*(?![\w*])/g, "$1"],
  [/(?<![\w\\])_(?=[^\s_])([^_\\\n]{1,400})_(?!\w)/g, "$1"],
  // Emphasis that began or ends in another sentence.
  [/^\*{1,3}(?=[^\s*])/, ""],
  [/(?<=[^\s*\\])\*{1,3}$/, ""],
  [/\\([\\`*_{}[\]()#+\-.!|<>])/g, "$1"],
  [/\s+/g, " "],
];

/**
 * One sentence, list item or table cell as a reader should see it: on one line, without the
 * syntax of Markdown or HTML. Text of other formats passes nearly unchanged.
 *
 * `plainText("- See [the guide](x.md) for **all** `max_size` values.")` is
 * `See the guide for all max_size values.`
 */
export function plainText(markup: string): string {
  return rules.reduce((text, [pattern, by]) => text.replace(pattern, by), markup).trim();
}
