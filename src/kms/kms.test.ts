import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createIdentity } from "../identity/identity.ts";
import {
  type Database,
  type KmsGrant,
  kmsGrants,
  type KmsKeyChange,
  kmsStore,
  openDatabase,
} from "../store/store.ts";
import {
  createKms,
  type DataKeyRequest,
  type Kms,
  newMaterial,
  rotate,
  serviceCaller,
} from "./kms.ts";

const accountId = "111122223333";
const region = "us-east-1";
const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
const keyArn = `arn:aws:kms:${region}:${accountId}:key/${id}`;
const service = "qbusiness.amazonaws.com";
const application = `arn:aws:qbusiness:${region}:${accountId}:application/a1`;
const encryptionContext = { "aws:qbusiness:application": "a1" };
const caller = serviceCaller(service, accountId);
const request: DataKeyRequest = { keyArn, encryptionContext, caller, sourceArn: application };

const rootStatement = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
};
const policyOf = (...more: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [rootStatement, ...more] });

type House = AsyncDisposable & {
  readonly db: Database;
  readonly path: string;
  readonly sealingKey: Uint8Array;
  readonly kms: Kms;
  now: Date;
  readonly change: (change: KmsKeyChange) => Promise<void>;
  readonly grant: (more?: Partial<KmsGrant>) => Promise<KmsGrant>;
};

async function house(): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-kms-"));
  const path = join(directory, "quarry.db");
  const db = await openDatabase(path);
  const sealingKey = randomBytes(32);
  const root = { accessKeyId: "AKIAROOTROOTROOTROOT", secretAccessKey: "s" };
  const identity = createIdentity({ db, accountId, root, sealingKey });
  const now = (): Date => made.now;
  const kms = createKms({ db, identity, region, now });
  const made: House = {
    db,
    path,
    sealingKey,
    kms,
    now: new Date("2026-01-01T00:00:00Z"),
    change: (change) => db.write((trx) => kmsStore.updateKey(trx, id, change)),
    grant: async (more = {}) => {
      const grant: KmsGrant = {
        id: randomBytes(32).toString("hex"),
        keyId: id,
        name: undefined,
        granteePrincipal: service,
        granteeId: undefined,
        retiringPrincipal: undefined,
        retiringId: undefined,
        issuingAccount: accountId,
        operations: ["GenerateDataKey", "Decrypt"],
        constraints: { EncryptionContextSubset: encryptionContext },
        createdAt: made.now,
        ...more,
      };
      await db.write((trx) => kmsGrants.insertGrant(trx, grant));
      return grant;
    },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
  const createdAt = made.now;
  await db.write(async (trx) => {
    const policy = { policy: policyOf(), policyPins: {} };
    await kmsStore.insertKey(trx, {
      id,
      accountId,
      arn: keyArn,
      description: "",
      ...policy,
      createdAt,
    });
    const about = { keyId: id, version: 1, cause: "FIRST", createdAt } as const;
    await kmsStore.insertMaterial(trx, newMaterial(sealingKey, about));
  });
  return made;
}

/** A data key, wrapped. */
async function wrap(home: House): Promise<Buffer> {
  const made = await home.kms.generateDataKey(request);
  assert.ok(made.ok, JSON.stringify(made));
  return made.wrapped;
}

async function reasonOf(
  sent: Promise<{ readonly ok: boolean; readonly reason?: string }>,
): Promise<string> {
  const { ok, reason } = await sent;
  return ok ? "ok" : (reason ?? "");
}

test("a service uses a key by a grant, for the context of the grant only", async () => {
  await using home = await house();
  const { kms } = home;
  assert.equal(await reasonOf(kms.generateDataKey(request)), "denied");
  const grant = await home.grant();
  const made = await kms.generateDataKey(request);
  assert.ok(made.ok && made.plaintext.length === 32);
  const opened = await kms.decryptDataKey({ ...request, wrapped: made.wrapped });
  assert.ok(opened.ok);
  assert.deepEqual(opened.plaintext, made.plaintext);
  const other = { ...request, encryptionContext: { "aws:qbusiness:application": "a2" } };
  assert.equal(await reasonOf(kms.generateDataKey(other)), "denied");
  assert.equal(await reasonOf(kms.decryptDataKey({ ...other, wrapped: made.wrapped })), "denied");
  const more = { ...request, encryptionContext: { ...encryptionContext, more: "1" } };
  const wrong = kms.decryptDataKey({ ...more, wrapped: made.wrapped });
  assert.equal(await reasonOf(wrong), "invalidCiphertext");
  const stranger = { ...request, caller: serviceCaller("s3.amazonaws.com", accountId) };
  assert.equal(await reasonOf(kms.generateDataKey(stranger)), "denied");
  await home.db.write((trx) => kmsGrants.removeGrant(trx, grant));
  assert.equal(await reasonOf(kms.decryptDataKey({ ...request, wrapped: made.wrapped })), "denied");
});

test("a key policy admits a service for one application, through the conditions it names", async () => {
  await using home = await house();
  const statement = {
    Effect: "Allow",
    Principal: { Service: service },
    Action: "kms:GenerateDataKey",
    Resource: "*",
  };
  const when = async (condition: object): Promise<string> => {
    const policy = policyOf({ ...statement, Condition: condition });
    await home.change({ policy });
    return reasonOf(
      home.kms.generateDataKey({ ...request, viaService: "qbusiness.us-east-1.amazonaws.com" }),
    );
  };
  assert.equal(await when({ StringEquals: { "aws:SourceArn": application } }), "ok");
  assert.equal(await when({ StringEquals: { "aws:SourceArn": `${application}2` } }), "denied");
  assert.equal(await when({ StringEquals: { "aws:SourceAccount": accountId } }), "ok");
  const via = "kms:ViaService";
  assert.equal(await when({ StringEquals: { [via]: "qbusiness.us-east-1.amazonaws.com" } }), "ok");
  assert.equal(await when({ StringEquals: { [via]: "s3.us-east-1.amazonaws.com" } }), "denied");
});

test("what disables a key counts for the next use, cached or not, and enabling brings all back", async () => {
  await using home = await house();
  const { kms } = home;
  await home.grant();
  const wrapped = await wrap(home);
  const open = (): Promise<string> => reasonOf(kms.decryptDataKey({ ...request, wrapped }));
  const seal = (): Promise<string> => reasonOf(kms.generateDataKey(request));
  assert.equal(await open(), "ok");
  for (const state of ["Disabled", "PendingDeletion"] as const) {
    await home.change({ state });
    const reason = state === "Disabled" ? "disabled" : "pendingDeletion";
    assert.deepEqual([await open(), await seal()], [reason, reason]);
    await home.change({ state: "Enabled" });
    assert.deepEqual([await open(), await seal()], ["ok", "ok"]);
  }
  const deny = { Effect: "Deny", Principal: "*", Action: "kms:Decrypt", Resource: "*" };
  await home.change({ policy: policyOf(deny) });
  assert.deepEqual([await open(), await seal()], ["denied", "ok"]);
});

test("a key that rotates by itself does so at the first use after its day; the old opens still", async () => {
  await using home = await house();
  await home.grant();
  const wrapped = await wrap(home);
  const day = 86_400_000;
  const due = new Date(home.now.getTime() + 90 * day);
  await home.change({ rotationDays: 90, rotationNextAt: due });
  home.now = new Date(due.getTime() + day);
  await wrap(home);
  const key = await kmsStore.findKey(home.db.read, id);
  assert.equal(key?.materialVersion, 2);
  assert.deepEqual(key.rotationNextAt, new Date(home.now.getTime() + 90 * day));
  assert.equal(await reasonOf(home.kms.decryptDataKey({ ...request, wrapped })), "ok");
  await home.db.write((trx) =>
    rotate(trx, { sealingKey: home.sealingKey, key }, { cause: "ON_DEMAND", at: home.now }),
  );
  await wrap(home);
  assert.equal(await reasonOf(home.kms.decryptDataKey({ ...request, wrapped })), "ok");
});

test("a key whose waiting period is over is gone, and its material with it", async () => {
  await using home = await house();
  await home.grant();
  const wrapped = await wrap(home);
  const deletionAt = new Date(home.now.getTime() + 7 * 86_400_000);
  await home.change({ state: "PendingDeletion", deletionAt, deletionDays: 7 });
  assert.equal(await reasonOf(home.kms.decryptDataKey({ ...request, wrapped })), "pendingDeletion");
  home.now = deletionAt;
  assert.equal(await reasonOf(home.kms.decryptDataKey({ ...request, wrapped })), "notFound");
  const early = new Date(deletionAt.getTime() - 1);
  assert.deepEqual(await home.db.write((trx) => kmsStore.removeExpiredKeys(trx, early)), []);
  const gone = await home.db.write((trx) => kmsStore.removeExpiredKeys(trx, deletionAt));
  assert.deepEqual(
    gone.map((key) => key.id),
    [id],
  );
  assert.equal(await kmsStore.findMaterial(home.db.read, { keyId: id, version: 1 }), undefined);
  assert.equal(await kmsGrants.countGrants(home.db.read, id), 0);
});

test("no data key and no material stands in the database as it is", async () => {
  await using home = await house();
  await home.grant();
  const made = await home.kms.generateDataKey(request);
  assert.ok(made.ok);
  const files = await Promise.all(
    [home.path, `${home.path}-wal`].map((file) => readFile(file).catch(() => Buffer.alloc(0))),
  );
  const bytes = Buffer.concat(files);
  assert.ok(bytes.includes(keyArn), "the key has been seen");
  for (const form of ["base64", "base64url", "hex"] as const) {
    assert.ok(!bytes.includes(made.plaintext.toString(form)));
  }
  assert.ok(!bytes.includes(made.plaintext));
  const material = await kmsStore.findMaterial(home.db.read, { keyId: id, version: 1 });
  assert.match(material?.sealed ?? "", /^v1\.[\w-]{90,}$/);
});
