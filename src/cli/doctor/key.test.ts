import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../client/client.ts";
import { checkContentKey } from "./key.ts";
import { tinyServer } from "../testing/tiny-server.ts";

const applicationId = "11111111-2222-3333-4444-555555555555";
const indexId = "66666666-7777-8888-9999-000000000000";

type Answer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A server with one application under a key in that state. */
async function examine(world: {
  readonly kmsKeyId?: string;
  readonly key: Answer;
  readonly documents?: Answer;
}) {
  const { kmsKeyId } = world;
  const configuration = kmsKeyId === undefined ? {} : { encryptionConfiguration: { kmsKeyId } };
  await using server = await tinyServer(({ method, rawTarget }) => {
    if (method === "POST" && rawTarget === "/") return world.key;
    if (rawTarget.includes("/documents")) return world.documents ?? { body: "{}" };
    if (rawTarget.includes("/indices")) return { body: JSON.stringify({ indices: [{ indexId }] }) };
    return { body: JSON.stringify({ applicationId, ...configuration }) };
  });
  const client = createClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: () => ({ accessKeyId: "AKIA", secretAccessKey: "secret" }),
    now: () => new Date(),
    retryAfterMs: 1,
  });
  return await checkContentKey(client, { applicationId, displayName: "Docs" });
}

const state = (KeyState: string): Answer => ({
  body: JSON.stringify({ KeyMetadata: { KeyState } }),
});
const refused = (code: string, message: string): Answer => ({
  status: 400,
  headers: { "x-amzn-errortype": code },
  body: JSON.stringify({ __type: code, message }),
});

test("an application without a key has nothing to look at", async () => {
  assert.equal(await examine({ key: state("Enabled") }), undefined);
});

test("a key that may be used is well", async () => {
  const finding = await examine({ kmsKeyId: "k", key: state("Enabled") });
  assert.deepEqual(finding, {
    status: "ok",
    check: "key of Docs",
    found: "k is enabled",
    next: "",
  });
});

test("a key that locks its application fails, with the way out", async () => {
  const disabled = await examine({ kmsKeyId: "k", key: state("Disabled") });
  assert.equal(disabled?.status, "fail");
  assert.equal(disabled?.found, "k is Disabled");
  assert.match(disabled?.next ?? "", /enable-key/);
  const going = await examine({ kmsKeyId: "k", key: state("PendingDeletion") });
  assert.match(going?.next ?? "", /cancel-key-deletion/);
  const gone = await examine({ kmsKeyId: "k", key: refused("NotFoundException", "no") });
  assert.match(gone?.found ?? "", /is gone/);
  const locked = refused("AccessDeniedException", "The content of x cannot be used: no grant");
  const withoutGrant = await examine({ kmsKeyId: "k", key: state("Enabled"), documents: locked });
  assert.equal(withoutGrant?.status, "fail");
  assert.match(withoutGrant?.found ?? "", /no grant/);
});

test("whoever may not describe the key is told so, and not that all is well", async () => {
  const denied = refused("AccessDeniedException", "not yours");
  const finding = await examine({ kmsKeyId: "k", key: denied });
  assert.equal(finding?.status, "warn");
  assert.match(finding?.found ?? "", /not yours/);
  const other = refused("AccessDeniedException", "may not list");
  await assert.rejects(
    examine({ kmsKeyId: "k", key: state("Enabled"), documents: other }),
    /may not list/,
  );
});
