import { plainIndex } from "./answers-bm25.ts";
import type { PlainPassage } from "./answers-bm25.ts";
import type { Retrieved } from "../../src/chat/chat.ts";

/** A passage for tests, of a document that is named after its title unless told otherwise. */
export function passageOf(
  title: string,
  text: string,
  more: { readonly ordinal?: number; readonly headingPath?: readonly string[] } = {},
): PlainPassage {
  return {
    documentKey: title,
    ordinal: more.ordinal ?? 0,
    text,
    headingPath: more.headingPath ?? [],
    source: {
      title,
      url: `https://docs.example/${encodeURIComponent(title)}`,
      updatedAt: new Date("2026-01-02T03:04:05Z"),
      documentId: `s3://docs/${title}`,
      indexId: "00000000-0000-4000-8000-000000000001",
      dataSourceId: "00000000-0000-4000-8000-000000000002",
    },
  };
}

/** What a small made-up company has written down: enough that words have different rarities. */
export const handbook: readonly PlainPassage[] = [
  passageOf(
    "Leave policy",
    "# Annual leave\n\nFull-time employees receive 25 days of annual leave per year. Part-time " +
      "employees receive leave in proportion to their hours. Unused leave of up to five days may " +
      "be carried over until March 31.",
  ),
  passageOf(
    "Leave policy",
    "## Parental leave\n\nParents receive 16 weeks of parental leave at full pay. It must begin " +
      "within the first year after the birth. Please tell your team lead eight weeks ahead.",
    { ordinal: 1 },
  ),
  passageOf(
    "Price list",
    "| Product | Price | Warranty |\n|---|---|---|\n| Kestrel kettle | 49 EUR | 2 years |\n" +
      "| Heron toaster | 35 EUR | 3 years |\n| Falcon blender | 89 EUR | 5 years |",
  ),
  passageOf(
    "Travel",
    "Book trains in second class. Flights need the approval of your team lead. Hotels may cost " +
      "up to 140 EUR per night in [large cities](cities.md). Keep **all** receipts.",
  ),
  passageOf(
    "Security",
    "- Lock your screen when you leave your desk.\n- Passwords have at least 14 characters. They " +
      "are kept in the password store.\n- Report a lost laptop to the help desk within one hour.",
  ),
  passageOf(
    "History",
    "The company was founded in 1987 by Greta Lindqvist in Uppsala. She sold kettles from her " +
      "garage. The first shop opened in Stockholm two years later.",
  ),
  passageOf("Canteen", "Lunch is served from 11:30 to 14:00. Coffee is free for everyone."),
  passageOf("Office", "The office is open from 7 to 21. Visitors sign in at the front desk."),
];

/** Retrieves from passages as a small engine would. */
export function retrieveFrom(passages: readonly PlainPassage[], text: string): Retrieved {
  return plainIndex(passages).retrieve(text, 30);
}
