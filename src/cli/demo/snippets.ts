import type { Credentials } from "../../sigv4/sigv4.ts";

/** What a snippet asks, whom, and as whom. */
export type SnippetPlace = {
  readonly endpoint: string;
  readonly region: string;
  readonly applicationId: string;
  readonly key: Credentials;
  readonly question: string;
};

/** A program in JavaScript (SDK v3, unmodified) that asks one question: an ES module. */
export function sdkSnippet({
  endpoint,
  region,
  applicationId,
  key,
  question,
}: SnippetPlace): string {
  return `import { ChatSyncCommand, QBusinessClient } from "@aws-sdk/client-qbusiness";

const client = new QBusinessClient({
  endpoint: ${JSON.stringify(endpoint)},
  region: ${JSON.stringify(region)},
  credentials: {
    accessKeyId: ${JSON.stringify(key.accessKeyId)},
    secretAccessKey: ${JSON.stringify(key.secretAccessKey)},
  },
});
const answer = await client.send(
  new ChatSyncCommand({
    applicationId: ${JSON.stringify(applicationId)},
    userMessage: ${JSON.stringify(question)},
  }),
);
console.log(answer.systemMessage);
for (const source of answer.sourceAttributions ?? []) {
  console.log(\`[\${source.citationNumber}] \${source.title}\`);
}
`;
}

/** The same for the AWS CLI, as one command of a POSIX shell. */
export function cliSnippet({
  endpoint,
  region,
  applicationId,
  key,
  question,
}: SnippetPlace): string {
  return [
    `AWS_ACCESS_KEY_ID=${quote(key.accessKeyId)}`,
    `AWS_SECRET_ACCESS_KEY=${quote(key.secretAccessKey)} \\\n `,
    `aws qbusiness chat-sync --endpoint-url ${quote(endpoint)} --region ${quote(region)} \\\n `,
    `--application-id ${quote(applicationId)} --user-message ${quote(question)}\n`,
  ].join(" ");
}

/** A text as one word of a POSIX shell. */
export function quote(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
