import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Database,
  type IamEntity,
  iamGroups,
  iamPolicies,
  iamStore,
  openDatabase,
} from "../store/store.ts";
import type { Caller } from "./caller.ts";
import { createIdentity, type Identity, newKeyId } from "./identity.ts";
import { roleCaller } from "./signing-keys.ts";

const accountId = "123456789012";
const at = new Date(1_700_000_000_000);

type House = AsyncDisposable & { readonly db: Database; readonly identity: Identity };

async function house(): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-identity-"));
  const db = await openDatabase(join(directory, "quarry.db"));
  const root = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const identity = createIdentity({ db, accountId, root, sealingKey: Buffer.alloc(32, 1) });
  return {
    db,
    identity,
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function insert({ db }: House, kind: IamEntity["kind"], name: string): Promise<IamEntity> {
  const prefix = { user: "AIDA", role: "AROA", group: "AGPA" } as const;
  const entity: IamEntity = {
    id: newKeyId(prefix[kind]),
    accountId,
    kind,
    name,
    path: "/",
    arn: `arn:aws:iam::${accountId}:${kind}/${name}`,
    trustPolicy: "",
    record: {},
    createdAt: at,
  };
  await db.write((trx) => iamStore.insertEntity(trx, entity));
  return entity;
}

function allowing(action: string, effect: "Allow" | "Deny" = "Allow"): string {
  const Statement = [{ Effect: effect, Action: action, Resource: "*" }];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

async function managed({ db }: House, name: string, document: string): Promise<string> {
  const arn = `arn:aws:iam::${accountId}:policy/${name}`;
  const versions = { defaultVersion: 1, latestVersion: 1 };
  const rest = { path: "/", arn, description: undefined, createdAt: at, updatedAt: at };
  const policy = { id: newKeyId("ANPA"), accountId, name, ...rest, ...versions };
  await db.write((trx) => iamPolicies.insert(trx, policy, document));
  return arn;
}

async function decides({ identity }: House, caller: Caller, action: string): Promise<string> {
  const facts = { now: at, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  const resources = [{ arn: "*" }];
  const verdict = await identity.authorize(caller, { action, resources, facts });
  return verdict.isAllowed
    ? "allow"
    : `${verdict.decision.decision} ${verdict.decision.policyType}`;
}

test("inline, attached and group policies count together, and a boundary takes away", async () => {
  await using home = await house();
  const user = await insert(home, "user", "alice");
  const group = await insert(home, "group", "G");
  const caller: Caller = {
    principal: {
      type: "user",
      arn: user.arn,
      account: accountId,
      name: "alice",
      uniqueId: user.id,
    },
    accountId,
    entityId: user.id,
  };
  const own = await managed(home, "Own", allowing("s3:B"));
  const ofGroup = await managed(home, "OfGroup", allowing("s3:D"));
  await home.db.write(async (trx) => {
    await iamStore.putPolicy(trx, user.id, { name: "p", document: allowing("s3:A") });
    await iamPolicies.attach(trx, user.id, { use: "permissions", arn: own });
    await iamStore.putPolicy(trx, group.id, { name: "p", document: allowing("s3:C") });
    await iamPolicies.attach(trx, group.id, { use: "permissions", arn: ofGroup });
    await iamGroups.addMember(trx, { groupId: group.id, userId: user.id });
  });
  for (const action of ["s3:A", "s3:B", "s3:C", "s3:D"]) {
    assert.equal(await decides(home, caller, action), "allow", action);
  }
  assert.equal(await decides(home, caller, "s3:E"), "implicitDeny identity");
  const bound = await managed(home, "Bound", allowing("s3:A"));
  await home.db.write((trx) => iamPolicies.attach(trx, user.id, { use: "boundary", arn: bound }));
  // Nothing is forgotten until somebody says that something has changed.
  assert.equal(await decides(home, caller, "s3:B"), "allow");
  home.identity.invalidate();
  assert.equal(await decides(home, caller, "s3:A"), "allow");
  assert.equal(await decides(home, caller, "s3:B"), "implicitDeny boundary");
});

test("a policy that is attached and cannot be found ends the decision, it never allows", async () => {
  await using home = await house();
  const role = await insert(home, "role", "R");
  const caller = roleCaller(role, "s");
  const missing = `arn:aws:iam::${accountId}:policy/Missing`;
  await home.db.write(async (trx) => {
    await iamStore.putPolicy(trx, role.id, { name: "p", document: allowing("*") });
    await iamPolicies.attach(trx, role.id, { use: "permissions", arn: missing });
  });
  await assert.rejects(decides(home, caller, "s3:A"), /Missing cannot be found/);
  await home.db.write(async (trx) => {
    await iamPolicies.detach(trx, role.id, { use: "permissions", arn: missing });
    await iamPolicies.attach(trx, role.id, { use: "boundary", arn: missing });
  });
  home.identity.invalidate();
  await assert.rejects(decides(home, caller, "s3:A"), /There is no .*Missing/);
});

test("session policies limit together, and with one of them gone nothing is allowed", async () => {
  await using home = await house();
  const role = await insert(home, "role", "R");
  await home.db.write((trx) =>
    iamStore.putPolicy(trx, role.id, { name: "p", document: allowing("s3:*") }),
  );
  const known = await managed(home, "Known", allowing("s3:A"));
  const sessionOf = (policyArns: readonly string[], policy?: string): Caller => ({
    ...roleCaller(role, "s"),
    session: { issuedAt: at, expiresAt: at, policyArns, ...(policy !== undefined && { policy }) },
  });
  const both = sessionOf([known], allowing("s3:B"));
  assert.equal(await decides(home, both, "s3:A"), "allow");
  assert.equal(await decides(home, both, "s3:B"), "allow");
  assert.equal(await decides(home, both, "s3:C"), "implicitDeny session");
  const denying = sessionOf([known], allowing("s3:A", "Deny"));
  assert.equal(await decides(home, denying, "s3:A"), "explicitDeny session");
  const gone = sessionOf([known, `${known}Gone`], allowing("s3:B"));
  for (const action of ["s3:A", "s3:B"]) {
    assert.equal(await decides(home, gone, action), "implicitDeny session");
  }
});

test("what is looked up while a change becomes known is not remembered", async () => {
  await using home = await house();
  const user = await insert(home, "user", "alice");
  const { seal, secretPurpose } = await import("./identity.ts");
  const id = "AKIAEXAMPLE";
  const sealedSecret = seal(home.identity.sealingKey, secretPurpose, "secret");
  const key = { id, entityId: user.id, sealedSecret, status: "Active", createdAt: at } as const;
  await home.db.write((trx) => iamStore.insertKey(trx, key));
  const find = (): ReturnType<Identity["findKey"]> =>
    home.identity.findKey({ accessKeyId: id, sessionToken: undefined });
  // A change becomes known while the look-up is on its way: what it finds may be from before.
  const looking = find();
  home.identity.invalidate();
  assert.ok((await looking) !== undefined);
  await home.db.write((trx) => iamStore.setKeyStatus(trx, id, "Inactive"));
  assert.equal(await find(), undefined);
});

test("a decision never sees half of a change: all it reads is of one moment", async () => {
  await using home = await house();
  const user = await insert(home, "user", "alice");
  const group = await insert(home, "group", "G");
  const principal = { type: "user", arn: user.arn, account: accountId, name: "alice" } as const;
  const caller: Caller = { principal, accountId, entityId: user.id };
  const grant = { name: "grant", document: allowing("s3:A") };
  const deny = { name: "deny", document: allowing("s3:A", "Deny") };
  await home.db.write(async (trx) => {
    await iamStore.putPolicy(trx, user.id, grant);
    await iamStore.putPolicy(trx, user.id, deny);
    await iamGroups.addMember(trx, { groupId: group.id, userId: user.id });
  });
  // The Deny moves between the user and its group; at no moment is there none.
  const mover = { isDone: false };
  const moving = (async () => {
    for (let round = 0; round < 60; round += 1) {
      const [from, to] = round % 2 === 0 ? [user.id, group.id] : [group.id, user.id];
      await home.db.write(async (trx) => {
        await iamStore.removePolicy(trx, from, deny.name);
        await iamStore.putPolicy(trx, to, deny);
      });
    }
    mover.isDone = true;
  })();
  let count = 0;
  while (!mover.isDone) {
    home.identity.invalidate();
    assert.equal(await decides(home, caller, "s3:A"), "explicitDeny identity");
    count += 1;
    // The writer's answers come as messages, which only arrive between two turns.
    if (count % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await moving;
  assert.ok(count >= 40, `only ${count} decisions`);
});

test("tags of resources are looked up where a policy may look at them for the service's own actions", async () => {
  await using home = await house();
  const cases: readonly (readonly [string, object, boolean])[] = [
    ["by name", { Action: "qbusiness:GetApplication" }, true],
    ["in other letters", { Action: ["s3:*", "QBusiness:Get*"] }, true],
    ["everything", { Action: "*" }, true],
    ["any service", { Action: "*:*" }, true],
    ["all but", { NotAction: "qbusiness:*" }, true],
    ["others", { Action: ["ec2:CreateTags", "s3:*", "qbusinessx:*"] }, false],
  ];
  for (const [name, actions, readsTags] of cases) {
    const user = await insert(home, "user", name.replaceAll(" ", "-"));
    const tagged = {
      Effect: "Deny",
      Resource: "*",
      Condition: { StringEquals: { "aws:ResourceTag/team": "red" } },
      ...actions,
    };
    const plain = { Effect: "Allow", Action: "qbusiness:*", Resource: "*" };
    const document = JSON.stringify({ Version: "2012-10-17", Statement: [plain, tagged] });
    await home.db.write((trx) => iamStore.putPolicy(trx, user.id, { name: "p", document }));
    const found = await home.identity.policies.principal({ entityId: user.id });
    assert.equal(found.readsTags, readsTags, name);
    assert.equal(found.readsContext, true, name);
  }
});
