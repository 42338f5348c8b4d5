import type { AnswerType } from "./question.ts";

const patterns: Readonly<Record<Exclude<AnswerType, "other">, RegExp>> = {
  number:
    /\d[\d.,]*|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|ninety|hundred|thousand|million|billion|dozen|half|third|quarter|once|twice|daily|weekly|monthly|yearly|annually|hourly)\b/gi,
  time: /\b(?:1\d{3}|20\d{2})\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|decade|noon|midnight|spring|summer|autumn|winter)\b|\b\d{1,2}(?::\d{2})?\s?(?:am|pm|a\.m|p\.m)\b|\b\d{1,3}(?:st|nd|rd|th)?\s(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b/gi,
  // A capital inside the sentence is a name, more often than not.
  person: /(?<=[\p{L}\p{N},;:)"']\s["'(]?)\p{Lu}[\p{L}'’-]+/gu,
  place: /(?<=\b(?:in|at|to|from|near|of|around|across)\s(?:the\s)?)\p{Lu}[\p{L}'’-]+/gu,
};

/**
 * Whether a text holds something of the kind that is asked for and that the question does not
 * itself say: 1 yes, 0 no. Always 0 for a question that asks for nothing in particular.
 */
export function answersType(text: string, type: AnswerType, question: string): number {
  if (type === "other") return 0;
  const asked = question.toLowerCase();
  const matches = text.match(patterns[type]) ?? [];
  return matches.some((match) => !asked.includes(match.toLowerCase())) ? 1 : 0;
}
