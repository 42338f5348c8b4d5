// What it costs to know who sent a request and whether they may: reading the signature, finding the
// key, verifying, and deciding by the caller's policies; all of the way between the route and the
// operation but reading and decoding the body. CPU time at the median of many small batches, so
// that other work on the machine does not count.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemIds } from "../src/core/ids.ts";
import { applicationArn, connectorPolicy, indexArn } from "../src/iam/testing/connector-policy.ts";
import { createIdentity, type Identity, seal, secretPurpose } from "../src/identity/identity.ts";
import {
  createVerifier,
  type Credentials,
  hashBody,
  parseAuthentication,
  sign,
  type Verifier,
  type WireRequest,
} from "../src/sigv4/sigv4.ts";
import { type Database, iamStore, openDatabase } from "../src/store/store.ts";
import { atMost, median, type Row } from "./support/row.ts";

const microsMax = 60;
const batches = 200;
const batchSize = 100;

const accountId = "111122223333";
const region = "us-east-1";
const root: Credentials = {
  accessKeyId: "AKIABENCHMARKROOT000",
  secretAccessKey: "benchmark/secret/key/of/no/use/elsewhere",
};
const user: Credentials = {
  accessKeyId: "AKIABENCHMARKUSER000",
  secretAccessKey: "benchmark/another/key/of/no/use/elsewhere",
};

/** The root user, and a user with the S3 connector's policy. */
export default async function authorization(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "quarry-bench-authorization-"));
  try {
    await using db = await openDatabase(join(directory, "quarry.db"));
    const sealingKey = systemIds.bytes(32);
    const identity = createIdentity({ db, accountId, root, sealingKey });
    await makeUser(db, sealingKey);
    const rows: Row[] = [];
    for (const { who, key } of callers) {
      const micros = await medianMicros(identity, key);
      rows.push(atMost(`authorization: ${who}`, micros, "µs of CPU (median)", microsMax));
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const callers = [
  { who: "a signed request of the root user", key: root },
  { who: "one of a user with the S3 connector's policy", key: user },
];

async function makeUser(db: Database, sealingKey: Uint8Array): Promise<void> {
  const id = "AIDABENCHMARKUSER000";
  const createdAt = new Date();
  await db.write(async (trx) => {
    await iamStore.insertEntity(trx, {
      id,
      accountId,
      kind: "user",
      name: "connector",
      path: "/",
      arn: `arn:aws:iam::${accountId}:user/connector`,
      trustPolicy: "",
      record: {},
      createdAt,
    });
    const document = JSON.stringify(connectorPolicy);
    await iamStore.putPolicy(trx, id, { name: "connector", document });
    const sealedSecret = seal(sealingKey, secretPurpose, user.secretAccessKey);
    const key = { id: user.accessKeyId, entityId: id, sealedSecret, status: "Active" } as const;
    await iamStore.insertKey(trx, { ...key, createdAt });
  });
}

/** CPU time of one request, in microseconds: the median of batches of different requests. */
async function medianMicros(identity: Identity, key: Credentials): Promise<number> {
  const verifier = createVerifier({ acceptedServices: ["qbusiness"], acceptedRegions: [region] });
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const requests = Array.from({ length: batchSize }, (_, at) => signedRequest(key, batch, at));
    const before = process.cpuUsage();
    for (const request of requests) await decide(request, { identity, verifier });
    const { user: own, system } = process.cpuUsage(before);
    times.push((own + system) / batchSize);
  }
  return median(times);
}

type Request = { readonly wire: WireRequest; readonly body: Uint8Array; readonly now: Date };

/** As an SDK sends it: 1 KB of documents for the index that the policy names. */
function signedRequest(key: Credentials, batch: number, at: number): Request {
  const text = `${batch}-${at} `.padEnd(700, "heron ");
  const content = { blob: Buffer.from(text).toString("base64") };
  const body = Buffer.from(JSON.stringify({ documents: [{ id: `${batch}-${at}`, content }] }));
  const [application = "", index = ""] = [applicationArn, indexArn].map((arn) =>
    arn.split("/").at(-1),
  );
  const rawTarget = `/applications/${application}/indices/${index}/documents`;
  const now = new Date();
  const signed = sign(
    {
      method: "POST",
      rawTarget,
      headers: [
        ["host", "127.0.0.1:8090"],
        ["content-type", "application/json"],
        ["content-length", String(body.length)],
        ["x-amz-user-agent", "aws-sdk-js/3.1050.0"],
        ["x-amz-content-sha256", hashBody(body)],
      ],
    },
    key,
    { service: "qbusiness", region, now },
  );
  return { wire: { method: "POST", rawTarget, headers: signed.headers }, body, now };
}

async function decide(
  { wire, body, now }: Request,
  { identity, verifier }: { readonly identity: Identity; readonly verifier: Verifier },
): Promise<void> {
  const parsed = parseAuthentication(wire);
  if (!parsed.ok) throw new Error(`not read: ${parsed.refusal.message}`);
  const { authentication } = parsed;
  const { accessKeyId, sessionToken } = authentication;
  const known = await identity.findKey({ accessKeyId, sessionToken });
  const bodyHash = (): string => hashBody(body);
  const verdict = verifier.verify(authentication, { owner: known?.owner, now, bodyHash });
  if (!verdict.ok || known === undefined) throw new Error("The signature is not accepted.");
  const [, , applicationId, , indexId] = wire.rawTarget.split("/");
  const access = await identity.authorizeOperation(known.caller, {
    operation: "BatchPutDocument",
    input: { applicationId, indexId, documents: [] },
    facts: { now, region, isSecure: true, sourceIp: "192.0.2.1" },
  });
  if (!access.isAllowed) throw new Error(access.message);
}
