import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type AccessConfiguration,
  CreateUserCommand,
  DeleteGroupCommand,
  type PrincipalUser,
  UpdateUserCommand,
} from "@aws-sdk/client-qbusiness";
import { anonymousViewer } from "../../src/core/viewer.ts";
import { refusal } from "../support/clients.ts";
import { makeSite, type Site } from "../support/site.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import {
  checkAccess,
  type Finder,
  makeCustomSource,
  makeSignedInSite,
  openFinder,
  type Put,
  putDocuments,
  putGroup,
} from "./principals-site.ts";

type Principal = NonNullable<AccessConfiguration["accessControls"]>[number]["principals"];
type Scope = "INDEX" | "DATASOURCE";
type Access = PrincipalUser["access"];

const ada = "ada@acme.com";
const user = (id: string, membershipType?: Scope, access: Access = "ALLOW") => ({
  user: { id, access, membershipType },
});
const group = (name: string, membershipType?: Scope, access: Access = "ALLOW") => ({
  group: { name, access, membershipType },
});

/** A list of controls; each combines its principals as told. */
function list(
  memberRelation: "AND" | "OR",
  ...controls: readonly (readonly ["AND" | "OR", ...(Principal & {})])[]
): AccessConfiguration {
  return {
    memberRelation,
    accessControls: controls.map(([relation, ...principals]) => ({
      memberRelation: relation,
      principals: principals as unknown as Principal,
    })),
  };
}
const any = (...principals: readonly unknown[]): AccessConfiguration =>
  list("OR", ["OR", ...(principals as Principal & {})]);

type Row = readonly [
  source: "W" | "X" | "",
  access: AccessConfiguration | undefined,
  seen: boolean,
];

/** Documents by what is special about their lists, and whether Ada sees them. */
const rows: Readonly<Record<string, Row>> = {
  "no list": ["W", undefined, true],
  "her e-mail in another spelling": ["W", any(user("Ada+x@ACME.com", "INDEX")), true],
  "her name in the data source": ["W", any(user("alovelace", "DATASOURCE")), true],
  "S12: her name of one data source in another": ["X", any(user("alovelace", "DATASOURCE")), false],
  "S12: her name of a data source, index-wide": ["W", any(user("alovelace", "INDEX")), false],
  "her name that counts everywhere": ["X", any(user("ada.l", "INDEX")), true],
  "her name that counts everywhere, in a data source": ["X", any(user("ada.l")), true],
  "a group that contains her group": ["W", any(group("all", "INDEX")), true],
  "S11: a group in other letters": ["W", any(group("All", "INDEX")), false],
  "S10: her group, and she is denied": [
    "W",
    any(group("all", "INDEX"), user(ada, "INDEX", "DENY")),
    false,
  ],
  "S10: her, and her group is denied": [
    "W",
    any(user(ada, "INDEX"), group("all", "INDEX", "DENY")),
    false,
  ],
  "S10: nobody but a denied group": ["W", any(group("interns", "INDEX", "DENY")), false],
  "S12: a group of one data source in another": ["X", any(group("wiki", "DATASOURCE")), false],
  "S13: a group in a circle of groups": ["W", any(group("loop1", "INDEX")), true],
  "both of two conditions": [
    "W",
    list("AND", ["OR", group("eng", "INDEX")], [
      "OR",
      group("hr", "INDEX"),
      group("wiki"),
    ] as never),
    true,
  ],
  "one of two conditions that both count": [
    "W",
    list("AND", ["OR", group("eng", "INDEX")], ["OR", group("hr", "INDEX")] as never),
    false,
  ],
  "one of two conditions": [
    "W",
    list("OR", ["AND", group("eng", "INDEX"), group("hr", "INDEX")] as never, [
      "OR",
      group("wiki"),
    ]),
    true,
  ],
  "her and a group that she is not in": [
    "W",
    list("OR", ["AND", user(ada, "INDEX"), group("hr", "INDEX")] as never),
    false,
  ],
  "a group of a data source, on a document of none": ["", any(group("wiki", "DATASOURCE")), false],
  "S10: an empty list": ["W", { accessControls: [] }, false],
  "S10: an empty control": ["W", list("OR", ["OR"]), false],
};

describe("who may see a document", () => {
  let server: TestServer;
  let finder: Finder;
  let site: Site;
  let wiki: string;
  const idsOf = (seen: boolean): readonly string[] =>
    Object.keys(rows).filter((id) => rows[id]?.[2] === seen);

  before(async () => {
    server = await testServer();
    finder = await openFinder(server);
    site = await makeSignedInSite(server);
    wiki = await makeCustomSource(site);
    const other = await makeCustomSource(site);
    const { client, applicationId, indexId } = site;
    await client.send(
      new CreateUserCommand({
        applicationId,
        userId: ada,
        userAliases: [{ indexId, dataSourceId: wiki, userId: "alovelace" }, { userId: "ada.l" }],
      }),
    );
    await client.send(new CreateUserCommand({ applicationId, userId: "bob@acme.com" }));
    await putGroup(site, "eng", { memberUsers: [{ userId: ada }] });
    await putGroup(site, "all", { memberGroups: [{ groupName: "eng" }] });
    await putGroup(
      site,
      "wiki",
      { memberUsers: [{ userId: "alovelace", type: "DATASOURCE" }] },
      { dataSourceId: wiki },
    );
    await putGroup(site, "loop1", { memberGroups: [{ groupName: "loop2" }] });
    await putGroup(site, "loop2", {
      memberUsers: [{ userId: "ADA@acme.com" }],
      memberGroups: [{ groupName: "loop1" }],
    });
    const of = (source: string): readonly Put[] =>
      Object.entries(rows)
        .filter(([, row]) => row[0] === source)
        .map(([id, [, access]]) => ({ id, ...(access && { access }) }));
    await putDocuments(site, of("W"), wiki);
    await putDocuments(site, of("X"), other);
    await putDocuments(site, of(""));
  });
  after(async () => {
    await finder[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("S10 to S13: a person finds what the lists allow, and nothing else", async () => {
    assert.deepEqual(await finder.find(site, "Ada+home@acme.com"), idsOf(true).toSorted());
    assert.deepEqual(await finder.find(site, "bob@acme.com"), ["no list"]);
    assert.deepEqual(await finder.find(site, anonymousViewer), ["no list"]);
  });

  for (const id of Object.keys(rows)) {
    test(`CheckDocumentAccess: ${id}`, async () => {
      const [source, , seen] = rows[id] ?? assert.fail();
      if (source === "X") return;
      const check = await checkAccess(site, ada, id, source === "W" ? wiki : undefined);
      assert.equal(check.hasAccess, seen);
    });
  }

  test("a document of a data source is asked for with the data source, and the refusal says so", async () => {
    const id = "both of two conditions";
    const { status, message } = await refusal(checkAccess(site, ada, id));
    assert.equal(status, 404);
    assert.match(message, /was put without a data source\. .* dataSourceId/);
    const elsewhere = await refusal(checkAccess(site, ada, "none", wiki));
    assert.match(elsewhere.message, /No document with id none was found/);
  });

  test("S3: the answer says allowlist and denyList, and what the decision rests on", async () => {
    const id = "both of two conditions";
    const { $metadata, userGroups, ...rest } = await checkAccess(site, "ADA@acme.com", id, wiki);
    assert.equal($metadata.httpStatusCode, 200);
    // Groups come in no particular order.
    const sorted = userGroups?.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
    assert.deepEqual(
      { ...rest, userGroups: sorted },
      {
        hasAccess: true,
        userAliases: [
          { id: ada, type: "INDEX" },
          { id: "alovelace", type: "DATASOURCE" },
          { id: "ada.l", type: "INDEX" },
        ],
        userGroups: [
          { name: "all", type: "INDEX" },
          { name: "eng", type: "INDEX" },
          { name: "loop1", type: "INDEX" },
          { name: "loop2", type: "INDEX" },
          { name: "wiki", type: "DATASOURCE" },
        ],
        documentAcl: {
          allowlist: {
            memberRelation: "AND",
            conditions: [
              { memberRelation: "OR", users: [], groups: [{ name: "eng", type: "INDEX" }] },
              {
                memberRelation: "OR",
                users: [],
                groups: [
                  { name: "hr", type: "INDEX" },
                  { name: "wiki", type: "DATASOURCE" },
                ],
              },
            ],
          },
          denyList: { memberRelation: "OR", conditions: [] },
        },
      },
    );
  });

  test("a denial shows as one, and a document without a list has empty ones", async () => {
    const denied = await checkAccess(site, ada, "S10: her, and her group is denied", wiki);
    assert.deepEqual(denied.documentAcl?.denyList, {
      memberRelation: "OR",
      conditions: [{ memberRelation: "OR", users: [], groups: [{ name: "all", type: "INDEX" }] }],
    });
    const open = await checkAccess(site, "bob@acme.com", "no list", wiki);
    const none = { memberRelation: "OR", conditions: [] };
    assert.equal(open.hasAccess, true);
    assert.deepEqual(open.documentAcl, { allowlist: none, denyList: none });
    assert.deepEqual(open.userGroups, []);
  });

  test("names of other data sources are not shown, and those documents need no source", async () => {
    const id = "a group of a data source, on a document of none";
    const { userAliases, userGroups = [] } = await checkAccess(site, ada, id);
    assert.deepEqual(userAliases, [
      { id: ada, type: "INDEX" },
      { id: "ada.l", type: "INDEX" },
    ]);
    assert.ok(!userGroups.some(({ name }) => name === "wiki"));
  });

  test("unknown users, documents and data sources are not found", async () => {
    const calls = [
      checkAccess(site, "eve@acme.com", "no list", wiki),
      checkAccess(site, ada, "no such document", wiki),
      // A connector's document is not one that was put directly.
      checkAccess(site, ada, "no list"),
      checkAccess(site, ada, "no list", "00000000-0000-0000-0000-000000000000"),
      checkAccess({ ...site, indexId: site.applicationId }, ada, "no list"),
    ];
    for (const { name, status } of await Promise.all(calls.map(refusal))) {
      assert.deepEqual([name, status], ["ResourceNotFoundException", 404]);
    }
  });

  test("S1: an id with a slash and an address with a plus are decoded once", async () => {
    const id = "s3://bucket/a b+c/100%2Fsure.txt";
    await putDocuments(site, [{ id, access: any(user("Ada@acme.com", "INDEX")) }]);
    assert.equal((await checkAccess(site, "ada+a/b@acme.com", id)).hasAccess, true);
    assert.equal((await refusal(checkAccess(site, ada, id.replaceAll("%2F", "/")))).status, 404);
  });

  test("S13: a group that is deleted grants nothing, and made again opens its documents again", async () => {
    const own = await makeSignedInSite(server);
    const { client, applicationId, indexId } = own;
    await putGroup(own, "eng", { memberUsers: [{ userId: ada }] });
    await putGroup(own, "all", { memberGroups: [{ groupName: "eng" }] });
    await putDocuments(own, [
      { id: "eng", access: any(group("eng")) },
      { id: "all", access: any(group("all")) },
    ]);
    assert.deepEqual(await finder.find(own, ada), ["all", "eng"]);
    await client.send(new DeleteGroupCommand({ applicationId, indexId, groupName: "eng" }));
    assert.deepEqual(await finder.find(own, ada), []);
    await putGroup(own, "eng", { memberUsers: [{ userId: "bob@acme.com" }] });
    assert.deepEqual(await finder.find(own, ada), []);
    assert.deepEqual(await finder.find(own, "bob@acme.com"), ["all", "eng"]);
  });

  test("a change of users and groups counts with the next question", async () => {
    const own = await makeSignedInSite(server);
    const { client, applicationId } = own;
    const path = { applicationId, userId: "carl@acme.com" };
    const alias = { userId: "c.carlson" };
    await putDocuments(own, [
      { id: "carl", access: any(user("c.carlson")) },
      { id: "team", access: any(group("team")) },
    ]);
    const found = (): Promise<readonly string[]> => finder.find(own, "carl@acme.com");
    assert.deepEqual(await found(), []);
    await client.send(new CreateUserCommand({ ...path, userAliases: [alias] }));
    assert.deepEqual(await found(), ["carl"]);
    await putGroup(own, "team", { memberUsers: [alias] });
    assert.deepEqual(await found(), ["carl", "team"]);
    await client.send(new UpdateUserCommand({ ...path, userAliasesToDelete: [alias] }));
    assert.deepEqual(await found(), []);
    await client.send(new UpdateUserCommand({ ...path, userAliasesToUpdate: [alias] }));
    await putGroup(own, "team", {});
    assert.deepEqual(await found(), ["carl"]);
  });

  test("groups that the identity provider asserts count, with the groups that contain them", async () => {
    const own = await makeSignedInSite(server);
    await putGroup(own, "all", { memberGroups: [{ groupName: "asserted" }] });
    await putDocuments(own, [
      { id: "asserted", access: any(group("asserted")) },
      { id: "all", access: any(group("all")) },
    ]);
    const viewer = (...groups: readonly string[]) =>
      ({ kind: "user", email: ada, groups }) as const;
    assert.deepEqual(await finder.find(own, viewer("asserted")), ["all", "asserted"]);
    assert.deepEqual(await finder.find(own, viewer("asserted", "other")), ["all", "asserted"]);
    // Whatever stands in a name, it is one name.
    for (const name of [
      "asserted\nother",
      'asserted","other',
      "asserted/other",
      "asserted,other",
    ]) {
      assert.deepEqual(await finder.find(own, viewer(name)), [], name);
    }
    assert.deepEqual(await finder.find(own, viewer()), []);
  });

  test("W12: in an anonymous application the user store is kept and has no effect", async () => {
    const own = await makeSite(server);
    const { client, applicationId } = own;
    await client.send(new CreateUserCommand({ applicationId, userId: ada }));
    await putGroup(own, "eng", { memberUsers: [{ userId: ada }] });
    await putDocuments(own, [{ id: "eng", access: any(group("eng")) }, { id: "open" }]);
    assert.deepEqual(await finder.find(own, anonymousViewer), ["open"]);
    const check = await checkAccess(own, ada, "eng");
    assert.deepEqual(check.userGroups, [{ name: "eng", type: "INDEX" }]);
    assert.equal(check.hasAccess, false);
    assert.equal((await checkAccess(own, ada, "open")).hasAccess, true);
  });
});
