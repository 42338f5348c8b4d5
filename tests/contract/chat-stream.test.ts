import assert from "node:assert/strict";
import { createServer } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ChatCommand, QBusinessClient } from "@aws-sdk/client-qbusiness";
import type { ChatInputStream as SdkInputEvent } from "@aws-sdk/client-qbusiness";
import type { ChatInputStream, ChatOutputStream, InputOf } from "../../src/contract/contract.ts";
import {
  apiError,
  createFrameDecoder,
  decodeChatInputEvent,
  decodeFrame,
  decodeInput,
  encodeChatOutputEvent,
  encodeError,
  encodeStreamError,
  isSignedFrame,
  route,
  unwrapSignedFrame,
} from "../../src/wire/wire.ts";
import { plain } from "./plain.ts";
import { randomSource, randomStructures } from "./random-values.ts";

const applicationId = "11111111-2222-3333-4444-555555555555";

type Seen = {
  input?: InputOf<"Chat">;
  ended?: boolean;
  readonly events: (ChatInputStream | undefined)[];
};

const ignore = (): void => undefined;

/** Takes the events of a request until its last, empty frame. */
async function readEvents(stream: ServerHttp2Stream, seen: Seen): Promise<void> {
  const decoder = createFrameDecoder();
  for await (const chunk of stream) {
    for (const frame of decoder.push(chunk as Buffer)) {
      assert.ok(isSignedFrame(frame));
      const { payload, signature, date } = unwrapSignedFrame(frame);
      assert.equal(signature.length, 32);
      assert.ok(Math.abs(date.getTime() - Date.now()) < 60_000);
      if (payload.length > 0) seen.events.push(decodeChatInputEvent(decodeFrame(payload)));
      else seen.ended = true;
    }
  }
  decoder.end();
}

async function startChatServer(answer: (stream: ServerHttp2Stream) => void) {
  const seen: Seen = { events: [] };
  const http = createServer();
  const failures: unknown[] = [];
  http.on("stream", (stream, headers) => {
    const found = route(String(headers[":method"]), String(headers[":path"]));
    assert.equal(found?.operation, "Chat");
    seen.input = decodeInput("Chat", { ...found, body: Buffer.alloc(0) });
    readEvents(stream, seen).then(
      () => answer(stream),
      (error: unknown) => failures.push(error),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const client = new QBusinessClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
    // Some of these tests fail on purpose, which the client would report.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  return {
    seen,
    chat: (events: readonly object[]) =>
      client.send(
        new ChatCommand({
          applicationId,
          userGroups: ["a b", "c+d"],
          inputStream: streamOf(events),
        }),
      ),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await new Promise((resolve) => http.close(resolve));
      assert.deepEqual(failures, []);
    },
  };
}

async function* streamOf(events: readonly object[]): AsyncIterable<SdkInputEvent> {
  for (const event of events) yield event as SdkInputEvent;
}

function startAnswer(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
}

test("what an SDK sends as a chat stream arrives, and the events of the answer as well", async () => {
  const structure = randomStructures(randomSource(5), true);
  const types = [
    "configurationEvent",
    "attachmentEvent",
    "actionExecutionEvent",
    "authChallengeResponseEvent",
  ];
  const shapes = [
    "ConfigurationEvent",
    "AttachmentInputEvent",
    "ActionExecutionEvent",
    "AuthChallengeResponseEvent",
  ];
  const sent = types.map((type, index) => ({ [type]: structure(shapes[index] ?? "") }));
  sent.push({ textEvent: { userMessage: "Wo ist das Büro? 🏢" } }, { endOfInputEvent: {} });
  const names = ["textEvent", "metadataEvent", "actionReviewEvent", "failedAttachmentEvent"];
  const outputs = [
    "TextOutputEvent",
    "MetadataEvent",
    "ActionReviewEvent",
    "FailedAttachmentEvent",
  ];
  const open = randomStructures(randomSource(6), false);
  const answers = names.map((name, index) => ({ [name]: open(outputs[index] ?? "") }));

  await using server = await startChatServer((stream) => {
    startAnswer(stream);
    const bytes = answers.map((event) =>
      encodeChatOutputEvent(event as unknown as ChatOutputStream),
    );
    // Portions that fit no frame: the client must not depend on how we cut.
    const whole = Buffer.concat(bytes);
    stream.write(whole.subarray(0, 7));
    stream.end(whole.subarray(7));
  });
  const { outputStream } = await server.chat(sent);
  const received: unknown[] = [];
  for await (const event of outputStream ?? []) received.push(event);

  assert.deepEqual(plain(received), plain(answers));
  assert.deepEqual(plain(server.seen.events), plain(sent));
  assert.equal(server.seen.ended, true);
  assert.deepEqual(server.seen.input?.userGroups, ["a b", "c+d"]);
  assert.equal(server.seen.input?.applicationId, applicationId);
});

test("an error before the first event is an ordinary answer", async () => {
  await using server = await startChatServer((stream) => {
    const error = apiError("LicenseNotFoundException", { message: "no licence" });
    const { status, headers, body } = encodeError(error, "r");
    stream.respond({ ":status": status, ...headers });
    stream.end(body);
  });
  await assert.rejects(server.chat([{ endOfInputEvent: {} }]), {
    name: "LicenseNotFoundException",
    message: "no licence",
  });
});

test("W8: an error in the middle of the answer keeps its name and text", async () => {
  await using server = await startChatServer((stream) => {
    startAnswer(stream);
    stream.write(encodeChatOutputEvent({ textEvent: { systemMessage: "Hel" } }));
    stream.end(encodeStreamError(apiError("ThrottlingException", { message: "slow down" }), "r"));
  });
  const { outputStream } = await server.chat([{ endOfInputEvent: {} }]);
  const received: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const event of outputStream ?? []) received.push(event);
  };
  await assert.rejects(read(), { name: "ThrottlingException", message: "slow down" });
  assert.deepEqual(received, [{ textEvent: { systemMessage: "Hel" } }]);
});
