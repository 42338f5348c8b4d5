import assert from "node:assert/strict";
import { test } from "node:test";
import { principalFromArn } from "./principal.ts";
import { passRoleMembers, qbusinessActions } from "./qbusiness-actions.ts";
import { arnChain, chainOfArn, deepestArn } from "./qbusiness-arns.ts";
import { evaluateQBusiness, passedRoles } from "./qbusiness-authorize.ts";
import { compiled, document } from "./testing/policies.ts";

const place = { region: "us-east-1", account: "111122223333" };
const ids = {
  ...place,
  applicationId: "a1",
  indexId: "i1",
  dataSourceId: "d1",
  retrieverId: "r1",
  pluginId: "p1",
  webExperienceId: "w1",
  dataAccessorId: "da1",
  chatResponseConfigurationId: "c1",
  integrationId: "n1",
  subscriptionId: "s1",
};
const application = "arn:aws:qbusiness:us-east-1:111122223333:application/a1";
const principal = principalFromArn("arn:aws:iam::111122223333:user/alice")!;

function decide(operation: string, statements: readonly object[], rules = {}): string {
  const action = qbusinessActions.get(operation);
  const arns = action?.resources === undefined ? [application] : arnChain(operation, ids);
  const chain = arns.map((arn) => ({ arn, account: place.account }));
  const policies = { identity: compiled(document(...statements)) };
  return evaluateQBusiness({ principal, operation, chain }, policies, rules).decision;
}

test("the table has the 93 actions of the service reference, by level, 83 with an operation", () => {
  const levels = new Map<string, number>();
  for (const { level } of qbusinessActions.values())
    levels.set(level, (levels.get(level) ?? 0) + 1);
  assert.equal(qbusinessActions.size, 93);
  const expected = { write: 51, read: 22, list: 17, tagging: 2, permissions: 1 };
  assert.deepEqual(Object.fromEntries(levels), expected);
  const operations = [...qbusinessActions.values()].filter(({ hasOperation }) => hasOperation);
  assert.equal(operations.length, 83);
});

test("exactly the operations that pass a role have members that name one", () => {
  const passing = [...qbusinessActions.values()]
    .filter(({ dependentActions }) => dependentActions.includes("iam:PassRole"))
    .map(({ name }) => name);
  assert.deepEqual([...passRoleMembers.keys()].sort(), passing.sort());
});

test("every action is allowed by a grant on its deepest ARN and by no other single ARN", () => {
  let seen = 0;
  for (const [operation, { resources }] of qbusinessActions) {
    if (resources === undefined) continue;
    seen += 1;
    const Action = `qbusiness:${operation}`;
    const Resource = deepestArn(operation, ids);
    assert.equal(decide(operation, [{ Effect: "Allow", Action, Resource }]), "allow", operation);
    const other = `${application}/other/x`;
    const denied = decide(operation, [{ Effect: "Allow", Action, Resource: other }]);
    assert.equal(denied, "implicitDeny", operation);
    const elsewhere = [{ Effect: "Allow", NotAction: Action, Resource: "*" }];
    assert.equal(decide(operation, elsewhere), "implicitDeny", operation);
  }
  assert.equal(seen, 90);
});

test("a Deny on any ARN of the chain denies", () => {
  for (const Resource of arnChain("StopDataSourceSyncJob", ids)) {
    const statements = [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "qbusiness:Stop*", Resource },
    ];
    assert.equal(decide("StopDataSourceSyncJob", statements), "explicitDeny", Resource);
  }
});

test("strict mode wants an Allow on every ARN of the chain", () => {
  const Action = "qbusiness:BatchPutDocument";
  const [app, index] = arnChain("BatchPutDocument", ids);
  const onIndex = [{ Effect: "Allow", Action, Resource: index }];
  assert.equal(decide("BatchPutDocument", onIndex), "allow");
  assert.equal(decide("BatchPutDocument", onIndex, { requireParents: true }), "implicitDeny");
  const onBoth = [{ Effect: "Allow", Action, Resource: [app, index] }];
  assert.equal(decide("BatchPutDocument", onBoth, { requireParents: true }), "allow");
});

test("three read actions take a grant on the application, unless that is switched off", () => {
  const Resource = application;
  for (const operation of ["GetWebExperience", "GetRetriever", "ListPluginActions"]) {
    const grant = [{ Effect: "Allow", Action: `qbusiness:${operation}`, Resource }];
    assert.equal(decide(operation, grant), "allow");
    assert.equal(decide(operation, grant, { parentGrants: false }), "implicitDeny");
    const target = deepestArn(operation, ids);
    const denied = [...grant, { Effect: "Deny", Action: "*", Resource: target }];
    assert.equal(decide(operation, denied), "explicitDeny");
  }
  const grant = [{ Effect: "Allow", Action: "qbusiness:DeletePlugin", Resource }];
  assert.equal(decide("DeletePlugin", grant), "implicitDeny");
});

test("a missing or impossible id is an error, not a wider ARN", () => {
  assert.throws(() => arnChain("GetIndex", { ...place, applicationId: "a1" }), /indexId/);
  assert.throws(() => arnChain("GetApplication", { ...place, applicationId: "a/index/i" }));
  assert.throws(() => arnChain("GetApplication", { ...place, applicationId: "" }));
  assert.throws(() => arnChain("NoSuchOperation", ids), /no action/);
  assert.throws(() => arnChain("TagResource", ids), /chainOfArn/);
  assert.deepEqual(arnChain("ListApplications", ids), ["*"]);
});

test("the chain of an ARN leads from its application to itself", () => {
  const source = deepestArn("GetDataSource", ids);
  assert.deepEqual(chainOfArn(source), arnChain("GetDataSource", ids));
  assert.deepEqual(chainOfArn(application), [application]);
  for (const wrong of [
    `${application}/subscription/s1`,
    `${application}/data-source/d1`,
    `${application}/index/`,
    "arn:aws:s3:::bucket",
    "x",
    `${application}/index/i1/data-source/d1/index/i2`,
  ]) {
    assert.equal(chainOfArn(wrong), undefined, wrong);
  }
});

test("the roles a request passes are found wherever the API takes one", () => {
  const hook = { roleArn: "arn:hook" };
  const documentEnrichmentConfiguration = { preExtractionHookConfiguration: hook };
  const input = {
    roleArn: "arn:own",
    documents: [{ id: "1" }, { documentEnrichmentConfiguration }, 3, null],
  };
  assert.deepEqual(passedRoles("BatchPutDocument", input), ["arn:own", "arn:hook"]);
  assert.deepEqual(passedRoles("BatchPutDocument", { documents: "x", roleArn: 4 }), []);
  assert.deepEqual(passedRoles("ChatSync", input), []);
  const authConfiguration = { basicAuthConfiguration: { roleArn: "arn:p", secretArn: "s" } };
  assert.deepEqual(passedRoles("CreatePlugin", { authConfiguration }), ["arn:p"]);
});
