import type { Script } from "./fake-tier.ts";

type Supported = {
  readonly title: string;
  readonly url?: string;
  readonly snippet: string;
  readonly updatedAt?: number;
  /** Stretches of the answer that this source supports, with the excerpt each rests on. */
  readonly supports: readonly (readonly [stretch: string, excerpt: string])[];
};

/** The events of one answer as the service sends them: deltas, then the final text with its sources. */
export function scriptOf(
  answer: string,
  sources: readonly Supported[],
  { pauseMs = 0, turn = 1 } = {},
): Script {
  const ids = {
    conversationId: "conversation-1",
    userMessageId: `user-message-${turn}`,
    systemMessageId: `system-message-${turn}`,
  };
  const deltas = answer.match(/\S+\s*|\s+/g) ?? [];
  return [
    ...deltas.flatMap((systemMessage) => [
      { textEvent: { ...ids, systemMessageType: "RESPONSE", systemMessage } },
      pauseMs,
    ]),
    {
      metadataEvent: {
        ...ids,
        finalTextMessage: answer,
        sourceAttributions: sources.map((source, index) =>
          attributionOf(answer, source, index + 1),
        ),
      },
    },
  ];
}

function attributionOf(answer: string, source: Supported, citationNumber: number): object {
  const { supports, ...shown } = source;
  return {
    ...shown,
    citationNumber,
    textMessageSegments: supports.map(([stretch, text]) => {
      const beginOffset = answer.indexOf(stretch);
      return { beginOffset, endOffset: beginOffset + stretch.length, snippetExcerpt: { text } };
    }),
  };
}

/** Two sources, one of them cited twice, with a list and strong words. */
export const leaveAnswer =
  "Every full-time employee has **27 days** of paid annual leave a year, on top of public holidays. " +
  "You may carry over up to 5 unused days; they must be taken by 31 March.\n\n" +
  "- Ask for leave in Almanac.\n" +
  "- For more than three days in a row, ask two weeks ahead.";

export const leaveSources = [
  {
    title: "Leave and time off",
    url: "https://intranet.pellwick.example/handbook/leave",
    updatedAt: 1767600000,
    snippet:
      "Annual leave\nEvery full-time employee has 27 days of paid annual leave a year, on top of public " +
      "holidays. Part-time colleagues get the same in proportion to their hours, rounded up to the next half " +
      "day.\nAsk for leave in Almanac, our calendar tool. For more than three days in a row, ask at least " +
      "two weeks ahead. Your team lead answers within three working days; no answer means yes.\n\nCarrying " +
      "days over\nYou may carry over up to 5 unused days into the next year. They must be taken by 31 March, " +
      "after which they lapse.",
    supports: [
      [
        "Every full-time employee has **27 days** of paid annual leave a year, on top of public holidays.",
        "Every full-time employee has 27 days of paid annual leave a year, on top of public holidays.",
      ],
      [
        "they must be taken by 31 March.",
        "You may carry over up to 5 unused days into the next year. They must be taken by 31 March",
      ],
    ],
  },
  {
    title: "Working from elsewhere",
    url: "https://intranet.pellwick.example/handbook/remote-work",
    snippet: "Outside of them arrange your day as you wish and show it in Almanac.",
    supports: [["Ask for leave in Almanac.", "show it in Almanac"]],
  },
] as const;
