import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { createEventSigner, eventStreamPayload, sign } from "../../src/sigv4/sigv4.ts";
import { createFrameDecoder, encodeFrame, type HeaderValue } from "../../src/wire/wire.ts";
import { region, type Site } from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";
import { putHandbook, question } from "../support/handbook.ts";

describe("signed frames made by hand", () => {
  let world: World;
  let site: Site;
  before(async () => {
    world = await openWorld(4);
    site = await world.site();
    await putHandbook(site);
  });
  after(() => world.close());

  type Frames = (frame: (event: object | undefined, type?: string) => Buffer) => readonly Buffer[];

  /** Sends frames over HTTP/2 and gives the status and what came back. */
  async function sendFrames(make: Frames, options: { readonly end?: boolean } = {}) {
    const { host } = new URL(world.server.url);
    const target = `/applications/${site.applicationId}/conversations`;
    const wire = {
      method: "POST",
      rawTarget: target,
      headers: [
        [":authority", host],
        ["content-type", "application/vnd.amazon.eventstream"],
        ["x-amz-content-sha256", eventStreamPayload],
      ] as const,
    };
    const now = new Date();
    const { headers, seed } = sign(wire, world.server.rootKey, {
      service: "qbusiness",
      region,
      now,
    });
    const signer = createEventSigner(seed);
    const frame = (event: object | undefined, type = "textEvent"): Buffer => {
      const payload =
        event === undefined
          ? Buffer.alloc(0)
          : encodeFrame({
              headers: new Map([
                [":message-type", { type: "string", value: "event" }],
                [":event-type", { type: "string", value: type }],
                [":content-type", { type: "string", value: "application/json" }],
              ]),
              payload: Buffer.from(JSON.stringify(event)),
            });
      const { date, signature } = signer.sign({ date: new Date(), payload });
      const headers = new Map<string, HeaderValue>([
        [":date", { type: "timestamp", value: date }],
        [":chunk-signature", { type: "binary", value: signature }],
      ]);
      return encodeFrame({ headers, payload });
    };
    const session = connectHttp2(world.server.url);
    try {
      const sent = Object.fromEntries(headers.map(([name, value]) => [name, value]));
      const stream = session.request({ ":method": "POST", ":path": target, ...sent });
      stream.on("error", () => undefined);
      for (const bytes of make(frame)) stream.write(bytes);
      if (options.end !== false) stream.end();
      const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part as Buffer);
      return {
        status: answer[":status"],
        error: answer["x-amzn-errortype"],
        body: Buffer.concat(parts),
      };
    } finally {
      session.destroy();
    }
  }

  const asked = { userMessage: question };

  test("W3: are read, one byte in a packet or all at once", async () => {
    const { status, body } = await sendFrames((frame) => [
      ...[...frame(asked)].map((byte) => Buffer.of(byte)),
      frame({}, "endOfInputEvent"),
      frame(undefined),
    ]);
    assert.equal(status, 200);
    const frames = [...createFrameDecoder().push(body)];
    const type = frames.at(-1)?.headers.get(":event-type");
    assert.deepEqual(type, { type: "string", value: "metadataEvent" });
  });

  test("end the input by closing, where there is no endOfInputEvent", async () => {
    const { status } = await sendFrames((frame) => [frame(asked), frame(undefined)]);
    assert.equal(status, 200);
  });

  test("are refused when one byte of a payload was changed", async () => {
    const { status, error } = await sendFrames((frame) => {
      const bytes = frame({ userMessage: "What is the limit?" });
      const text = bytes.toString("latin1");
      const at = text.indexOf("limit");
      bytes[at] = "L".charCodeAt(0);
      return [bytes, frame(undefined)];
    });
    assert.ok([400, 403].includes(Number(status)));
    assert.match(String(error), /InvalidSignatureException|ValidationException/);
  });

  test("are refused when their order was changed", async () => {
    const { status, error } = await sendFrames((frame) => {
      const [first, second] = [frame({}, "configurationEvent"), frame(asked)];
      return [second, first, frame(undefined)];
    });
    assert.deepEqual([status, error], [403, "InvalidSignatureException"]);
  });

  test("are refused when the stream is cut before its last frame", async () => {
    const { status, error } = await sendFrames((frame) => [frame(asked)]);
    assert.deepEqual([status, error], [400, "ValidationException"]);
    const half = await sendFrames((frame) => [frame(asked).subarray(0, 40)]);
    assert.deepEqual([half.status, half.error], [400, "ValidationException"]);
    const nothing = await sendFrames(() => []);
    assert.deepEqual([nothing.status, nothing.error], [400, "ValidationException"]);
  });

  test("are refused when they are no frames", async () => {
    const { status, error } = await sendFrames(() => [Buffer.from("What is the limit?".repeat(9))]);
    assert.deepEqual([status, error], [400, "ValidationException"]);
    const huge = Buffer.alloc(64);
    huge.writeUInt32BE(0xfffffff0, 0);
    const long = await sendFrames(() => [huge]);
    assert.deepEqual([long.status, long.error], [400, "ValidationException"]);
  });
});
