// Prints what routing, decoding and encoding cost per request, for GetApplication and ChatSync.
// Run: node tests/contract/measure-wire.ts
import { Buffer } from "node:buffer";
import type { OutputOf } from "../../src/contract/contract.ts";
import { decodeInput, encodeOutput, route } from "../../src/wire/wire.ts";

const id = "11111111-2222-3333-4444-555555555555";
const roundCount = 7;
const perRound = 20_000;

const application: OutputOf<"GetApplication"> = {
  displayName: "demo",
  applicationId: id,
  applicationArn: `arn:aws:qbusiness:us-east-1:000000000000:application/${id}`,
  identityType: "ANONYMOUS",
  roleArn: "arn:aws:iam::000000000000:role/application",
  status: "ACTIVE",
  description: "An application like any other.",
  createdAt: new Date(1_700_000_000_123),
  updatedAt: new Date(1_700_000_000_456),
  attachmentsConfiguration: { attachmentsControlMode: "ENABLED" },
};

const passage = "Employees have 30 days of paid leave a year. ".repeat(20);
const answer: OutputOf<"ChatSync"> = {
  conversationId: id,
  systemMessage: passage,
  systemMessageId: id,
  userMessageId: id,
  sourceAttributions: Array.from({ length: 5 }, (_, index) => ({
    title: `handbook-${index}.pdf`,
    snippet: passage,
    url: `https://bucket/handbook-${index}.pdf`,
    citationNumber: index + 1,
    updatedAt: new Date(1_700_000_000_000),
    documentId: `s3://bucket/handbook-${index}.pdf`,
    textMessageSegments: [
      { beginOffset: 0, endOffset: 44, snippetExcerpt: { text: passage.slice(0, 44) } },
    ],
  })),
  failedAttachments: [],
};
const question = Buffer.from(
  JSON.stringify({
    userMessage: "How many days of paid leave do I have?",
    conversationId: id,
    parentMessageId: id,
    clientToken: id,
    attributeFilter: {
      andAllFilters: [
        { equalsTo: { name: "_category", value: { stringValue: "hr" } } },
        { greaterThan: { name: "_created_at", value: { dateValue: 1_600_000_000 } } },
      ],
    },
  }),
);
const nothing = Buffer.alloc(0);

function getApplication(): number {
  const found = route("GET", `/applications/${id}`);
  if (found === undefined) return 0;
  decodeInput("GetApplication", { ...found, body: nothing });
  return encodeOutput("GetApplication", application).length;
}

function chatSync(): number {
  const found = route("POST", `/applications/${id}/conversations?sync`);
  if (found === undefined) return 0;
  decodeInput("ChatSync", { ...found, body: question });
  return encodeOutput("ChatSync", answer).length;
}

for (const [name, run] of Object.entries({ getApplication, chatSync })) {
  const roundsUs: number[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    const started = performance.now();
    for (let count = 0; count < perRound; count += 1) run();
    roundsUs.push(((performance.now() - started) * 1000) / perRound);
  }
  roundsUs.sort((a, b) => a - b);
  const [best = 0, median = 0] = [roundsUs[0], roundsUs[roundCount >> 1]];
  const bytes = `${run()} bytes out`;
  console.log(`${name}: ${best.toFixed(2)} µs at best, ${median.toFixed(2)} µs median; ${bytes}`);
}
