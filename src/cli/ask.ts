import type { ChatSyncOutput, SourceAttribution } from "../contract/contract.ts";
import { chooseApplication } from "./choose.ts";
import type { Command } from "./command.ts";
import { connect, connectionFlags, explainKeyErrors } from "./client/connection.ts";
import { exitCodes, usageError } from "./context.ts";
import { formatTable, plainText } from "./table.ts";

/** `quarry ask "…"`: one question, its answer, and its numbered sources. */
export const ask: Command = {
  name: "ask",
  summary: "ask a question and print the answer with its sources",
  usage: '"QUESTION" [--application ID] [flags]',
  notes: ["Without --application it asks the only application there is, or the demo's."],
  flags: [
    { name: "--application", value: "ID", help: "the application to ask" },
    ...connectionFlags,
  ],
  wordsMax: 1,
  async run(parsed, context) {
    const [question = ""] = parsed.words;
    if (question.trim() === "") {
      throw usageError(
        'What is the question? Write quarry ask "How many days of leave are there?"',
      );
    }
    const connection = connect(parsed, context);
    const { client, isJson } = connection;
    try {
      const named = parsed.flags.get("--application")?.[0];
      const applicationId = await chooseApplication(client, named);
      const answer = await client.call("ChatSync", { applicationId, userMessage: question });
      context.stdout.write(isJson ? `${JSON.stringify(answer, null, 2)}\n` : renderAnswer(answer));
    } catch (error) {
      throw explainKeyErrors(error, connection);
    }
    return exitCodes.ok;
  },
};

/** The answer with a number behind each supported piece, and the sources by their numbers. */
export function renderAnswer({
  systemMessage = "",
  sourceAttributions = [],
}: Pick<ChatSyncOutput, "systemMessage" | "sourceAttributions">): string {
  const sources = sourceAttributions.filter((source) => source !== null && source !== undefined);
  const text = `${plainText(withNumbers(systemMessage, sources))}\n`;
  if (sources.length === 0) return text;
  const rows = sources.map(({ citationNumber, title, documentId, url }) => [
    `[${citationNumber}]`,
    title ?? documentId ?? "",
    url ?? documentId ?? "",
  ]);
  return `${text}\n${formatTable(rows)}`;
}

/** Puts the number of each source where its pieces of the answer end. */
function withNumbers(text: string, sources: readonly SourceAttribution[]): string {
  const marks = sources
    .flatMap(({ citationNumber, textMessageSegments = [] }) =>
      textMessageSegments.map(({ endOffset }) => ({
        at: endOffset ?? text.length,
        citationNumber,
      })),
    )
    .sort((a, b) => a.at - b.at);
  let result = "";
  let from = 0;
  for (const { at, citationNumber } of marks) {
    const end = Math.min(text.length, Math.max(from, at));
    result += `${text.slice(from, end)} [${citationNumber}]`;
    from = end;
  }
  return result + text.slice(from);
}
