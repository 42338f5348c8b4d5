import assert from "node:assert/strict";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { createIdentity } from "../../src/identity/identity.ts";
import { iamStore } from "../../src/store/store.ts";
import { iamClient, type Keys, makeUser, policyOf, refused, stsClient } from "./query-clients.ts";
import { accountId, type QueryServer, rootKey, startQueryServer } from "./query-server.ts";

const minuteMs = 60_000;

async function lastUse(
  server: QueryServer,
  { accessKeyId: AccessKeyId }: Pick<Keys, "accessKeyId">,
  by: Keys = rootKey,
): Promise<
  readonly [string | undefined, number | undefined, string | undefined, string | undefined]
> {
  const command = new iam.GetAccessKeyLastUsedCommand({ AccessKeyId });
  const { UserName, AccessKeyLastUsed: use } = await iamClient(server, by).send(command);
  return [UserName, use?.LastUsedDate?.getTime(), use?.ServiceName, use?.Region];
}

/** Stops the clock at a whole second. */
function stopAt(server: QueryServer, laterMs = 0): number {
  const at = Math.floor(Date.now() / 1000) * 1000 + laterMs;
  server.now = () => new Date(at);
  return at;
}

const who = (server: QueryServer, by: Keys): Promise<unknown> =>
  stsClient(server, by).send(new sts.GetCallerIdentityCommand({}));

test("a key tells when it last signed, for which service and where", async () => {
  await using server = await startQueryServer();
  const alice = await makeUser(server, "alice");
  assert.deepEqual(await lastUse(server, alice), ["alice", undefined, "N/A", "N/A"]);
  const first = stopAt(server);
  await who(server, alice);
  assert.deepEqual(await lastUse(server, alice), ["alice", first, "sts", "us-east-1"]);
  const second = stopAt(server, 1000);
  // Refused, and used all the same.
  await refused(iamClient(server, alice).send(new iam.ListUsersCommand({})));
  assert.deepEqual(await lastUse(server, alice), ["alice", second, "iam", "us-east-1"]);
  const third = stopAt(server, 2000);
  const { accessKeyId } = alice;
  const known = await server.identity.findKey({ accessKeyId, sessionToken: undefined });
  const facts = { now: server.now(), region: "eu-west-1", isSecure: true, sourceIp: "192.0.2.1" };
  assert.ok(known !== undefined);
  const asked = { operation: "ListApplications", input: {}, facts };
  await server.identity.authorizeOperation(known.caller, asked);
  assert.deepEqual(await lastUse(server, alice), ["alice", third, "qbusiness", "eu-west-1"]);
});

test("a wrong signature uses no key, and a session does not use its user's", async () => {
  await using server = await startQueryServer();
  const alice = await makeUser(server, "alice");
  await refused(who(server, { ...alice, secretAccessKey: "wrong" }));
  assert.equal((await lastUse(server, alice))[1], undefined);
  const used = stopAt(server);
  const { Credentials } = await stsClient(server, alice).send(new sts.GetSessionTokenCommand({}));
  stopAt(server, 2000);
  await who(server, {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  });
  assert.deepEqual(await lastUse(server, alice), ["alice", used, "sts", "us-east-1"]);
});

test("uses are stored together, a minute after the first, and outlive the process", async () => {
  await using server = await startQueryServer();
  const [alice, bob] = [await makeUser(server, "alice"), await makeUser(server, "bob")];
  const { db } = server;
  const stored = async (name: string): Promise<boolean> => {
    const user = await iamStore.findEntity(db.read, { accountId, kind: "user", name });
    return JSON.stringify(user?.record ?? {}).includes("keyUses");
  };
  const first = stopAt(server);
  await who(server, alice);
  const second = stopAt(server, 1000);
  await who(server, bob);
  assert.deepEqual([await stored("alice"), await stored("bob")], [false, false]);
  const { accessKeyId } = alice;
  const known = await server.identity.findKey({ accessKeyId, sessionToken: undefined });
  assert.ok(known !== undefined);
  const third = first + minuteMs;
  const facts = {
    now: new Date(third),
    region: "us-east-1",
    isSecure: true,
    sourceIp: "192.0.2.1",
  };
  server.identity.noteUse(known.caller, "kms", facts);
  // The batch is on its way behind the request; what is asked for waits for nothing.
  for (let tries = 0; tries < 200 && !(await stored("bob")); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual([await stored("alice"), await stored("bob")], [true, true]);
  const anew = createIdentity({
    db,
    accountId,
    root: rootKey,
    sealingKey: server.identity.sealingKey,
  });
  const useOf = async (keys: Keys) => {
    const key = await iamStore.findKey(db.read, keys.accessKeyId);
    return anew.keyUses.find(key ?? assert.fail());
  };
  const region = "us-east-1";
  assert.deepEqual(await useOf(alice), { usedAt: new Date(third), service: "kms", region });
  assert.deepEqual(await useOf(bob), { usedAt: new Date(second), service: "sts", region });
});

test("what is left is stored at the end, and goes with its key", async () => {
  await using server = await startQueryServer();
  const root = iamClient(server);
  const alice = await makeUser(server, "alice");
  const UserName = "alice";
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({ UserName }));
  const other: Keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
  await who(server, alice);
  await server.identity.keyUses.flush();
  await root.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId: alice.accessKeyId }));
  await who(server, other);
  await server.identity.keyUses.flush();
  await server.identity.keyUses.flush();
  const key = { accountId, kind: "user", name: "alice" } as const;
  const user = await iamStore.findEntity(server.db.read, key);
  const text = JSON.stringify(user?.record);
  assert.deepEqual(
    [text.includes(other.accessKeyId), text.includes(alice.accessKeyId)],
    [true, false],
  );
  assert.equal((await lastUse(server, other))[2], "sts");
  assert.equal((await refused(lastUse(server, alice)))[0], "NoSuchEntity");
});

test("a batch that cannot be stored waits for the next, and later uses win", async () => {
  await using server = await startQueryServer();
  const alice = await makeUser(server, "alice");
  const { db } = server;
  let isBroken = true;
  const failing = {
    ...db,
    write: ((change) =>
      isBroken
        ? Promise.reject(new Error("the disk is full"))
        : db.write(change)) as typeof db.write,
  };
  const { sealingKey } = server.identity;
  const identity = createIdentity({ db: failing, accountId, root: rootKey, sealingKey });
  const { accessKeyId } = alice;
  const known = await identity.findKey({ accessKeyId, sessionToken: undefined });
  assert.ok(known !== undefined);
  const use = (ms: number): void =>
    identity.noteUse(known.caller, "sts", {
      now: new Date(ms),
      region: "us-east-1",
      isSecure: true,
      sourceIp: "192.0.2.1",
    });
  use(1000);
  const storing = identity.keyUses.flush();
  use(2000);
  await assert.rejects(storing, /the disk is full/);
  const key = (await iamStore.findKey(db.read, accessKeyId)) ?? assert.fail();
  assert.equal((await identity.keyUses.find(key))?.usedAt.getTime(), 2000);
  isBroken = false;
  await identity.keyUses.flush();
  const anew = createIdentity({ db, accountId, root: rootKey, sealingKey });
  assert.equal((await anew.keyUses.find(key))?.usedAt.getTime(), 2000);
});

test("the permission is of the user whose key it is, and unknown keys tell nothing", async () => {
  await using server = await startQueryServer();
  const action = "iam:GetAccessKeyLastUsed";
  const Resource = `arn:aws:iam::${accountId}:user/alice`;
  const alice = await makeUser(server, "alice", policyOf({ Action: action, Resource }));
  const bob = await makeUser(server, "bob");
  assert.equal((await lastUse(server, alice, alice))[0], "alice");
  const unknown = { accessKeyId: "AKIAAAAAAAAAAAAAAAAA" };
  for (const key of [bob, unknown, rootKey]) {
    assert.equal((await refused(lastUse(server, key, alice)))[0], "AccessDenied");
  }
  for (const key of [unknown, rootKey]) {
    const [code, status, message] = await refused(lastUse(server, key));
    assert.deepEqual([code, status], ["NoSuchEntity", 404]);
    assert.match(message, /^The Access Key with id AKIA\w+ cannot be found\.$/);
  }
});
