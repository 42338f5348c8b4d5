// Words that people ask with and words that documents answer with. Only everyday words of work, one
// row for each meaning: a word that means something else as often is left out.
import { stem } from "./analyzer.ts";

/** How much a synonym counts where the question's own word counts 1. */
export const synonymShare = 0.4;

const rows = [
  "allow permit",
  "annual yearly",
  "begin start",
  "bill invoice",
  "boss manager supervisor",
  "broken defective faulty",
  "buy purchase",
  "car vehicle",
  "choose pick select",
  "client customer",
  "confidential secret",
  "cost fee price",
  "delete remove",
  "delivery shipping",
  "directory folder",
  "doctor physician",
  "email mail",
  "employee staff worker",
  "end finish",
  "fast quick",
  "fix mend repair",
  "forbid ban prohibit",
  "founded established",
  "guarantee warranty",
  "guideline policy rule",
  "hire recruit",
  "holiday leave pto vacation",
  "hotel accommodation lodging",
  "ill sick",
  "image photo picture",
  "job position role",
  "journey travel trip",
  "large big",
  "limit maximum cap",
  "little small",
  "login logon signin",
  "meal food",
  "mfa 2fa",
  "phone telephone",
  "quit resign",
  "refund reimbursement return",
  "remote wfh",
  "salary wage pay",
  "supplier vendor",
  "training course",
  "wifi wlan",
];

const groups = rows.map((row) => [...new Set(row.split(" ").map(stem))]);
const table = new Map<string, readonly string[]>();
for (const group of groups) {
  for (const term of group) {
    const others = group.filter((other) => other !== term);
    table.set(term, [...new Set([...(table.get(term) ?? []), ...others])]);
  }
}

/** Terms (stems, as the analyzer makes them) that mean the same; mostly none. */
export function synonymsOf(term: string): readonly string[] {
  return table.get(term) ?? [];
}
