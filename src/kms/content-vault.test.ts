import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ContentLockedError, plainCipher } from "../core/content-cipher.ts";
import { createIdentity } from "../identity/identity.ts";
import {
  contentKeys,
  type Database,
  type KmsGrant,
  kmsGrants,
  type KmsKeyChange,
  kmsStore,
  openDatabase,
  resources,
} from "../store/store.ts";
import {
  contentContext,
  contentService,
  createContentVault,
  createKms,
  newMaterial,
  rotate,
} from "./kms.ts";

const accountId = "111122223333";
const region = "us-east-1";
const keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const keyArn = `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});

type House = AsyncDisposable & {
  readonly db: Database;
  readonly sealingKey: Uint8Array;
  readonly vault: ReturnType<typeof createContentVault>;
  now: Date;
  readonly change: (change: KmsKeyChange) => Promise<void>;
  readonly addApplication: (id: string, more?: Partial<KmsGrant>) => Promise<KmsGrant>;
};

async function house(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), "quarry-vault-"));
  const db = await openDatabase(join(folder, "quarry.db"));
  const sealingKey = randomBytes(32);
  const root = { accessKeyId: "AKIAROOTROOTROOTROOT", secretAccessKey: "s" };
  const identity = createIdentity({ db, accountId, root, sealingKey });
  const now = (): Date => home.now;
  const kms = createKms({ db, identity, region, now });
  const home: House = {
    db,
    sealingKey,
    vault: createContentVault({ db, kms, now }),
    now: new Date("2026-01-01T00:00:00Z"),
    change: (change) => db.write((trx) => kmsStore.updateKey(trx, keyId, change)),
    addApplication: (id, more = {}) => addApplication(home, id, more),
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const createdAt = home.now;
  const key = { id: keyId, accountId, arn: keyArn, description: "", policy, policyPins: {} };
  await db.write(async (trx) => {
    await kmsStore.insertKey(trx, { ...key, createdAt });
    const about = { keyId, version: 1, cause: "FIRST", createdAt } as const;
    await kmsStore.insertMaterial(trx, newMaterial(sealingKey, about));
  });
  return home;
}

async function addApplication(
  { db, now }: House,
  id: string,
  more: Partial<KmsGrant>,
): Promise<KmsGrant> {
  const grant: KmsGrant = {
    id: randomBytes(32).toString("hex"),
    keyId,
    name: undefined,
    granteePrincipal: contentService,
    granteeId: undefined,
    retiringPrincipal: undefined,
    retiringId: undefined,
    issuingAccount: accountId,
    operations: ["Decrypt", "GenerateDataKey"],
    constraints: { EncryptionContextSubset: contentContext(id) },
    createdAt: now,
    ...more,
  };
  const arn = `arn:aws:qbusiness:${region}:${accountId}:application/${id}`;
  const record = { contentKey: { keyArn, grantId: grant.id } };
  const place = { accountId, kind: "application", applicationId: id, indexId: "" } as const;
  await db.write(async (trx) => {
    await kmsGrants.insertGrant(trx, grant);
    await resources.insert(trx, { id, ...place, arn, status: "ACTIVE", record, at: now });
    const index = { id: `${id}-index`, ...place, kind: "index", indexId: `${id}-index` } as const;
    await resources.insert(trx, { ...index, arn: "", status: "ACTIVE", record: {}, at: now });
  });
  return grant;
}

async function locked(sent: Promise<unknown>, reason: RegExp): Promise<void> {
  await assert.rejects(sent, (error) => {
    assert.ok(error instanceof ContentLockedError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

test("an application's content opens for itself and for no other, also by its index", async () => {
  await using home = await house();
  const { vault } = home;
  await home.addApplication("a1");
  await home.addApplication("a2");
  const sealed = (await vault.cipherOf("a1")).sealText("r", "secret");
  assert.equal((await vault.cipherOfIndex("a1-index")).openText("r", sealed), "secret");
  const other = await vault.cipherOf("a2");
  assert.throws(() => other.openText("r", sealed), /does not open/);
  assert.equal((await contentKeys.list(home.db.read, "a1")).length, 1);
});

test("without a key nothing is sealed; of what is gone nothing is asked", async () => {
  await using home = await house();
  const plain = { accountId, kind: "application", applicationId: "p", indexId: "" } as const;
  const more = { id: "p", arn: "arn:p", status: "ACTIVE", record: {}, at: home.now };
  await home.db.write((trx) => resources.insert(trx, { ...plain, ...more }));
  assert.equal(await home.vault.cipherOf("p"), plainCipher);
  assert.equal(await home.vault.cipherOfIndex("none"), plainCipher);
  await assert.rejects(home.vault.cipherOf("none"), /is gone/);
  assert.equal(home.vault.size(), 0);
});

test("what disables the key counts from the next call on, and enabling brings all back", async () => {
  await using home = await house();
  const { vault } = home;
  const grant = await home.addApplication("a1");
  const sealed = (await vault.cipherOf("a1")).sealText("r", "secret");
  await home.change({ state: "Disabled" });
  await locked(vault.cipherOf("a1"), /is disabled/);
  assert.equal(vault.size(), 0, "the data key is not kept");
  const deletionAt = new Date(home.now.getTime() + 7 * 86_400_000);
  await home.change({ state: "PendingDeletion", deletionAt, deletionDays: 7 });
  await locked(vault.cipherOf("a1"), /pending deletion/);
  await home.change({ state: "Enabled", deletionAt: null, deletionDays: null });
  assert.equal((await vault.cipherOf("a1")).openText("r", sealed), "secret");
  await home.db.write((trx) => kmsGrants.removeGrant(trx, grant));
  await locked(vault.cipherOf("a1"), /not authorized to perform: kms:Decrypt/);
  await home.db.write((trx) => kmsGrants.insertGrant(trx, grant));
  assert.equal((await vault.cipherOf("a1")).openText("r", sealed), "secret");
  await home.db.write(async (trx) => {
    await kmsStore.updateKey(trx, keyId, { state: "PendingDeletion", deletionAt: home.now });
    await kmsStore.removeExpiredKeys(trx, home.now);
  });
  await locked(vault.cipherOf("a1"), /does not exist/);
});

test("a rotation gives new data keys, and what the old ones sealed still opens", async () => {
  await using home = await house();
  const { db, vault, sealingKey } = home;
  await home.addApplication("a1");
  const old = (await vault.cipherOf("a1")).sealText("r", "old");
  const key = await kmsStore.findKey(db.read, keyId);
  assert.ok(key);
  await db.write((trx) => rotate(trx, { sealingKey, key }, { cause: "ON_DEMAND", at: home.now }));
  const [one, two] = await Promise.all([vault.cipherOf("a1"), vault.cipherOf("a1")]);
  assert.equal(one.openText("r", old), "old");
  assert.equal(two.openText("r", one.sealText("r", "new")), "new");
  const versions = async (): Promise<readonly number[]> =>
    (await contentKeys.list(db.read, "a1")).map((row) => row.materialVersion);
  assert.deepEqual(await versions(), [1, 2], "two at once made one");
  await home.change({ rotationDays: 90, rotationNextAt: new Date(home.now.getTime() + 1) });
  home.now = new Date(home.now.getTime() + 2);
  assert.equal((await vault.cipherOf("a1")).openText("r", old), "old");
  assert.deepEqual(await versions(), [1, 2, 3], "one whose day has come rotates");
});

test("whoever may decrypt only goes on with the data keys that there are", async () => {
  await using home = await house();
  const { db, vault, sealingKey } = home;
  const grant = await home.addApplication("a1");
  const sealed = (await vault.cipherOf("a1")).sealText("r", "old");
  const key = await kmsStore.findKey(db.read, keyId);
  assert.ok(key);
  await db.write(async (trx) => {
    await rotate(trx, { sealingKey, key }, { cause: "ON_DEMAND", at: home.now });
    await kmsGrants.removeGrant(trx, grant);
    await kmsGrants.insertGrant(trx, { ...grant, operations: ["Decrypt"] });
  });
  assert.equal((await vault.cipherOf("a1")).openText("r", sealed), "old");
  await home.addApplication("a2", { operations: ["Decrypt"] });
  await locked(vault.cipherOf("a2"), /kms:GenerateDataKey/);
});

test("unwrapped keys are kept for five minutes, and swept after them", async () => {
  await using home = await house();
  const { vault } = home;
  await home.addApplication("a1");
  const first = await vault.cipherOf("a1");
  assert.equal(await vault.cipherOf("a1"), first);
  vault.sweep();
  assert.equal(vault.size(), 1);
  home.now = new Date(home.now.getTime() + 5 * 60_000);
  vault.sweep();
  assert.equal(vault.size(), 0);
  const second = await vault.cipherOf("a1");
  assert.notEqual(second, first);
  assert.equal(second.openText("r", first.sealText("r", "x")), "x");
});

test("a data key that was taken from another application does not unwrap", async () => {
  await using home = await house();
  const { db, vault } = home;
  await home.addApplication("a1");
  await home.addApplication("a2");
  await vault.cipherOf("a1");
  const [stolen] = await contentKeys.list(db.read, "a1");
  assert.ok(stolen);
  await db.write((trx) => contentKeys.insert(trx, { ...stolen, applicationId: "a2" }));
  await locked(vault.cipherOf("a2"), /cannot be decrypted/);
  await db.write((trx) => contentKeys.removeOfApplication(trx, "a2"));
  assert.notEqual(await vault.cipherOf("a2"), plainCipher);
});
