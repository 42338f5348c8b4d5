import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchDeleteDocumentCommand,
  BatchPutDocumentCommand,
  type Document,
  GetDocumentContentCommand,
  type OutputFormat,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { refusal } from "../support/clients.ts";
import {
  counts,
  makeSource,
  pathOf,
  putRolePolicy,
  s3Configuration,
  settled,
  type Site,
  sync,
} from "../support/site.ts";
import { testServer } from "../support/test-server.ts";
import { openWorld, type World } from "../support/world.ts";
import { type Issuer, openIssuer } from "./sign-in-issuer.ts";
import { as, makeSignInSite, providerName, type SignInSite } from "./sign-in-site.ts";

const page =
  "<html><head><title>Ports</title></head><body><h1>Harbour</h1><p>Ships rest.</p></body></html>";

function get(
  { client, applicationId, indexId }: Site,
  documentId: string,
  more: { readonly outputFormat?: OutputFormat; readonly dataSourceId?: string } = {},
) {
  return client.send(
    new GetDocumentContentCommand({ applicationId, indexId, documentId, ...more }),
  );
}

async function put(site: Site, ...documents: readonly Document[]): Promise<void> {
  const { applicationId, indexId } = site;
  const { failedDocuments } = await site.client.send(
    new BatchPutDocumentCommand({ applicationId, indexId, documents: [...documents] }),
  );
  assert.deepEqual(failedDocuments, []);
  await settled(site);
}

async function download(url: string | undefined): Promise<Response & { readonly bytes: Buffer }> {
  const response = await fetch(url ?? "");
  const bytes = Buffer.from(await response.arrayBuffer());
  return Object.assign(response, { bytes });
}

const text = (id: string, content: string, more: Partial<Document> = {}): Document => ({
  id,
  content: { blob: Buffer.from(content) },
  ...more,
});

describe("the content of documents", () => {
  let issuer: Issuer;
  let world: World;
  let site: SignInSite;
  let ada: SignInSite;
  before(async () => {
    issuer = await openIssuer();
    world = await openWorld(3, { oidcIssuers: { [providerName]: issuer.url } });
    site = await makeSignInSite(world.server, issuer);
    await allowContent(site);
    ada = await as(site, "ada@acme.com");
  });
  after(async () => {
    await world.close();
    await issuer[Symbol.asyncDispose]();
  });

  async function allowContent({ iam, applicationId }: SignInSite): Promise<void> {
    await putRolePolicy(iam, `QBusiness-Web-${applicationId}`, {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "qbusiness:*", Resource: "*" }],
    });
  }

  test("comes back byte for byte, with its type, from an address that anybody may open", async () => {
    const bytes = Buffer.concat([Buffer.from("The harbour: "), Buffer.from([0xc3, 0xa9])]);
    await put(site, { id: "kb/a b.txt", content: { blob: bytes } });
    const { presignedUrl, mimeType } = await get(ada, "kb/a b.txt");
    assert.equal(mimeType, "text/plain");
    assert.match(presignedUrl ?? "", /^http:\/\/127\.0\.0\.1:\d+\/content\/[a-zA-Z0-9_-]{60,}$/);
    const { status, headers, bytes: got } = await download(presignedUrl);
    assert.equal(status, 200);
    assert.deepEqual(got, bytes);
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("content-disposition"), "attachment; filename*=UTF-8''a%20b.txt");
    assert.match(headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
  });

  test("comes as extracted text, plain or in elements", async () => {
    await put(site, text("plain", "The harbour.\n\nThe ships."), text("page.html", page));
    const plain = await get(ada, "plain", { outputFormat: "EXTRACTED" });
    assert.equal(plain.mimeType, "application/json");
    assert.deepEqual(JSON.parse((await download(plain.presignedUrl)).bytes.toString()), {
      schemaVersionId: "V1",
      outputFormat: "JSON",
      plainTextDocumentContent: "The harbour.\n\nThe ships.",
    });
    for (const time of ["made", "kept"]) {
      const { presignedUrl } = await get(ada, "page.html", { outputFormat: "EXTRACTED" });
      const answer = await download(presignedUrl);
      assert.equal(answer.headers.get("content-type"), "application/json", time);
      assert.deepEqual(JSON.parse(answer.bytes.toString()), {
        schemaVersionId: "V1",
        outputFormat: "JSON",
        nonPlainTextDocumentContent: [
          {
            elementType: "SECTION",
            text: "Harbour\n\nShips rest.",
            sectionTitle: "Harbour",
            sectionBody: "Harbour\n\nShips rest.",
            htmlDocumentTitle: "Ports",
          },
        ],
      });
    }
    assert.equal((await get(ada, "page.html")).mimeType, "text/html");
  });

  test("is for those whom the access list admits at the moment of the call", async () => {
    const access = (id: string): Document["accessConfiguration"] => ({
      accessControls: [
        { principals: [{ user: { id, access: "ALLOW", membershipType: "INDEX" } }] },
      ],
    });
    await put(
      site,
      text("secret", "The harbour.", { accessConfiguration: access("bob@acme.com") }),
    );
    const denied = await refusal(get(ada, "secret"));
    assert.deepEqual([denied.name, denied.status], ["AccessDeniedException", 403]);
    const extracted = await refusal(get(ada, "secret", { outputFormat: "EXTRACTED" }));
    assert.equal(extracted.name, "AccessDeniedException");
    const bob = await as(site, "bob@acme.com");
    assert.equal((await download((await get(bob, "secret")).presignedUrl)).status, 200);
    await put(
      site,
      text("secret", "The harbour.", { accessConfiguration: access("ada@acme.com") }),
    );
    assert.equal((await refusal(get(bob, "secret"))).name, "AccessDeniedException");
    assert.equal((await download((await get(ada, "secret")).presignedUrl)).status, 200);
  });

  test("is refused to callers behind whom nobody stands, and to roles without the action", async () => {
    await put(site, text("open", "The harbour."));
    const root = await refusal(get(site, "open"));
    assert.deepEqual([root.name, root.status], ["AccessDeniedException", 403]);
    const other = await makeSignInSite(world.server, issuer);
    await put(other, text("open", "The harbour."));
    const eve = await as(other, "eve@acme.com");
    const refused = await refusal(get(eve, "open"));
    assert.equal(refused.name, "AccessDeniedException");
    assert.match(refused.message, /qbusiness:GetDocumentContent/);
  });

  test("is not for anonymous applications", async () => {
    const anonymous = await world.site();
    await put(anonymous, text("open", "The harbour."));
    const refused = await refusal(get(anonymous, "open"));
    assert.deepEqual([refused.name, refused.status], ["AccessDeniedException", 403]);
  });

  test("is not found where there is none", async () => {
    const drop = { inlineConfigurations: [{ documentContentOperator: "DELETE" as const }] };
    const dropped = text("dropped", "The harbour.", { documentEnrichmentConfiguration: drop });
    await put(site, dropped, text("broken.pdf", "no PDF"));
    for (const id of ["nowhere", "broken.pdf", "dropped"]) {
      const { name, status } = await refusal(get(ada, id));
      assert.deepEqual([name, status], ["ResourceNotFoundException", 404], id);
    }
    const { name } = await refusal(get({ ...ada, indexId: ada.applicationId }, "nowhere"));
    assert.equal(name, "ResourceNotFoundException");
  });

  test("stays what it was when a new version fails, and goes with the document", async () => {
    await put(site, text("b.txt", "First."));
    const first = await get(ada, "b.txt");
    await put(site, text("b.txt", "no PDF", { contentType: "PDF" }));
    assert.equal((await download(first.presignedUrl)).bytes.toString(), "First.");

    await put(site, text("b.txt", "Second."));
    assert.equal((await download(first.presignedUrl)).status, 404, "an address is of one version");
    const second = await get(ada, "b.txt");
    assert.equal((await download(second.presignedUrl)).bytes.toString(), "Second.");
    const { applicationId, indexId } = site;
    const documents = [{ documentId: "b.txt" }];
    await site.client.send(new BatchDeleteDocumentCommand({ applicationId, indexId, documents }));
    assert.equal((await download(second.presignedUrl)).status, 404);
    assert.equal((await refusal(get(ada, "b.txt"))).name, "ResourceNotFoundException");
  });

  test("of a data source is what the last sync saw", async () => {
    const files = world.bucket();
    await files.put("docs/page.html", page);
    const source = await makeSource(site, files.name);
    const { dataSourceId } = source;
    assert.equal(counts(await sync(source)), "1 1 0 0 0");
    const id = `s3://${files.name}/docs/page.html`;
    const read = async () =>
      (await download((await get(ada, id, { dataSourceId })).presignedUrl)).bytes;
    assert.equal((await read()).toString(), page);
    await files.put("docs/page.html", page.replace("rest", "leave"));
    assert.equal((await read()).toString(), page);
    await sync(source);
    assert.equal((await read()).toString(), page.replace("rest", "leave"));
    const without = await refusal(get(ada, id));
    assert.equal(without.name, "ResourceNotFoundException", "the id means something in its source");

    const large = "The harbour.".padEnd(17 * 1024 * 1024);
    await files.put("docs/large.txt", large);
    const configuration = s3Configuration(files.name, { maxFileSizeInMegaBytes: "50" }) as never;
    await source.client.send(new UpdateDataSourceCommand({ ...pathOf(source), configuration }));
    assert.equal(counts(await sync(source)), "2 1 0 0 0");
    const { presignedUrl } = await get(ada, `s3://${files.name}/docs/large.txt`, { dataSourceId });
    assert.ok((await download(presignedUrl)).bytes.equals(Buffer.from(large)));

    await files.remove("docs/page.html");
    await sync(source);
    assert.equal((await refusal(get(ada, id, { dataSourceId }))).name, "ResourceNotFoundException");
  });

  test("of an object in a bucket may be as large as its format allows, and no larger", async () => {
    const files = world.bucket();
    const key = "large.txt";
    await files.put(key, "x".repeat(50 * 1024 * 1024 + 1));
    const { roleArn } = await makeSource(site, files.name);
    const { applicationId, indexId } = site;
    const content = { s3: { bucket: files.name, key } };
    await site.client.send(
      new BatchPutDocumentCommand({
        applicationId,
        indexId,
        roleArn,
        documents: [
          { id: "text", content },
          { id: "pdf", content, contentType: "PDF" },
        ],
      }),
    );
    const listed = await settled(site);
    const reason = (id: string): string => listed.get(id)?.error?.errorMessage ?? "";
    assert.match(reason("text"), /has 50\.1 MB; the limit for plain text is 50\.0 MB/);
    assert.match(reason("pdf"), /PDF/);
    assert.doesNotMatch(reason("pdf"), /limit|larger/, "500 MB are allowed");
  });

  test("is opened by GET alone, and by no address that we did not make", async () => {
    await put(site, text("c.txt", "The harbour."));
    const { presignedUrl = "" } = await get(ada, "c.txt");
    for (const method of ["HEAD", "POST", "PUT", "DELETE"]) {
      const response = await fetch(presignedUrl, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET"], method);
    }
    const token = presignedUrl.split("/").at(-1) ?? "";
    const changed = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    for (const other of [
      changed,
      token.slice(1),
      `${token}/`,
      `${token}%20`,
      "",
      "x".repeat(500),
    ]) {
      const { status } = await fetch(presignedUrl.replace(token, other));
      assert.equal(status, 404, other);
    }
    assert.equal((await fetch(`${presignedUrl}?x=y`)).status, 200);
  });
});

test("copies of documents that are gone leave the disk, and the others survive a restart", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-content-"));
  try {
    await using issuer = await openIssuer();
    const oidcIssuers = { [providerName]: issuer.url };
    const files = (): readonly string[] =>
      readdirSync(join(dataDir, "content"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name);
    {
      await using server = await testServer({ dataDir, oidcIssuers });
      const site = await makeSignInSite(server, issuer);
      await put(site, text("a.txt", "The harbour."), text("b.txt", "The ships."));
      await put(site, text("a.txt", "Another harbour."));
      const { applicationId, indexId } = site;
      const documents = [{ documentId: "b.txt" }];
      await site.client.send(new BatchDeleteDocumentCommand({ applicationId, indexId, documents }));
      assert.equal(files().length, 3, "they go a little later");
    }
    await using server = await testServer({ dataDir, oidcIssuers });
    for (let n = 0; files().length > 1 && n < 100; n += 1) await sleep(20);
    assert.equal(files().length, 1);
    assert.ok(server.url);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
