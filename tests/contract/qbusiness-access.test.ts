// Every operation of the service's own API, over the port with the real client: allowed by exactly
// the policy that it needs, denied without each of its parts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateAccessKeyCommand, type IAMClient } from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-qbusiness";
import {
  type MemberType,
  type OperationName,
  operations,
  structureOf,
} from "../../src/contract/contract.ts";
import { arnChain, qbusinessActions } from "../../src/iam/iam.ts";
import { passRoleMembers } from "../../src/iam/qbusiness-actions.ts";
import { iam, qbusiness, qbusinessHttp1 } from "../support/clients.ts";
import { testServer, type TestServer } from "../support/test-server.ts";
import { smallest, smallestStructure } from "./values.ts";

const account = "111122223333";
const UserName = "walker";
const roleArn = `arn:aws:iam::${account}:role/passed`;
const taggedArn = `arn:aws:qbusiness:us-east-1:${account}:application/a1b2c3d4-5678-4abc-8def-111111111111`;

type Statement = {
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: object;
};

let server: TestServer;
let admin: IAMClient;
let clients: { readonly plain: sdk.QBusinessClient; readonly stream: sdk.QBusinessClient };

before(async () => {
  server = await testServer();
  admin = iam(server);
  await admin.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
  const keys = { accessKeyId, secretAccessKey };
  clients = { plain: qbusinessHttp1(server, keys), stream: qbusiness(server, keys) };
});

after(async () => {
  clients.plain.destroy();
  clients.stream.destroy();
  admin.destroy();
  await server[Symbol.asyncDispose]();
});

/** The smallest input, with every role handed over and every tag given that there can be. */
function inputsOf(operation: OperationName): readonly Record<string, unknown>[] {
  const shape = operations[operation].input;
  const base = (): Record<string, unknown> => {
    const { members } = structureOf(shape);
    const input = smallestStructure(shape);
    if ("resourceARN" in input) input["resourceARN"] = taggedArn;
    const isTagged = dependentsOf(operation).includes("qbusiness:TagResource");
    if (isTagged) {
      assert.ok("tags" in members, operation);
      input["tags"] = [{ key: "team", value: "red" }];
    }
    // An empty list cannot travel in a query string.
    if ("tagKeys" in input) input["tagKeys"] = ["team"];
    return input;
  };
  const roles = passRoleMembers.get(operation) ?? [];
  if (roles.length === 0) return [base()];
  return roles.map((path) => {
    const input = base();
    put(input, { shape: shape, path: path.split("."), value: roleArn });
    return input;
  });
}

async function* chatEvents(): AsyncGenerator<sdk.ChatInputStream> {
  yield { configurationEvent: {} };
  yield { textEvent: { userMessage: "hello" } };
  yield { endOfInputEvent: {} };
}

function put(
  target: Record<string, unknown>,
  at: { readonly shape: string; readonly path: readonly string[]; readonly value: string },
): void {
  const [step = "", ...rest] = at.path;
  const name = step.replace("[]", "");
  const { members, kind } = structureOf(at.shape);
  const type: MemberType = members[name]?.type ?? assert.fail(`${at.shape}.${name}`);
  if (kind === "union") for (const other of Object.keys(target)) delete target[other];
  if (rest.length === 0) {
    target[name] = at.value;
    return;
  }
  assert.ok(typeof type === "object");
  const inner = "list" in type ? type.list : type;
  assert.ok(typeof inner === "object" && "shape" in inner);
  const found = target[name];
  const known = Array.isArray(found) ? (found as unknown[])[0] : found;
  const child = (known ?? smallest(inner, `${at.shape}.${name}`)) as Record<string, unknown>;
  target[name] = "list" in type ? [child] : child;
  put(child, { ...at, shape: inner.shape, path: rest });
}

const dependentsOf = (operation: string): readonly string[] =>
  qbusinessActions.get(operation)?.dependentActions ?? [];

/** The policy that a call needs, statement by statement. */
function neededFor(operation: OperationName, input: Record<string, unknown>): readonly Statement[] {
  const ids = Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      typeof value === "string" && name.endsWith("Id") ? [[name, value]] : [],
    ),
  );
  const isAny = qbusinessActions.get(operation)?.resources === undefined;
  const chain = isAny ? [taggedArn] : arnChain(operation, { region: "us-east-1", account, ...ids });
  const target = chain.at(-1) ?? "*";
  const needed: Statement[] = [{ Action: `qbusiness:${operation}`, Resource: target }];
  const dependents = dependentsOf(operation);
  if (dependents.includes("iam:PassRole")) {
    const Condition = { StringEquals: { "iam:PassedToService": "qbusiness.amazonaws.com" } };
    needed.push({ Action: "iam:PassRole", Resource: roleArn, Condition });
  }
  if (dependents.includes("qbusiness:TagResource")) {
    const above = target === "*" ? `arn:aws:qbusiness:us-east-1:${account}:` : `${target}/`;
    const Condition = { StringEquals: { "aws:RequestTag/team": "red" } };
    needed.push({ Action: "qbusiness:TagResource", Resource: `${above}*`, Condition });
  }
  if (dependents.includes("qbusiness:PutResourcePolicy")) {
    needed.push({ Action: "qbusiness:PutResourcePolicy", Resource: target });
  }
  return needed;
}

async function setPolicy(statements: readonly object[]): Promise<void> {
  const Statement = statements.map((one) => ({ Effect: "Allow", ...one }));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await admin.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
}

type AnyCommand = new (input: object) => sdk.GetApplicationCommand;

/** The denial of a call, or undefined where it got past authorization, whatever came then. */
async function denial(operation: OperationName, input: object): Promise<string | undefined> {
  const Command = (sdk as unknown as Record<string, AnyCommand>)[`${operation}Command`];
  assert.ok(Command !== undefined, operation);
  const isChat = operation === "Chat";
  const client = isChat ? clients.stream : clients.plain;
  // A generator is read once.
  const sent = isChat ? { ...input, inputStream: chatEvents() } : input;
  try {
    await client.send(new Command(sent));
  } catch (error) {
    const { name, message } = error as Error;
    // What comes after authorization may refuse for reasons of its own, but in the API's errors.
    assert.match(name, /Exception$/, `${operation}: ${message}`);
    if (name === "AccessDeniedException") return message;
  }
  return undefined;
}

test("every operation is allowed by exactly the policy it needs, and denied without each part of it", async (t) => {
  let calls = 0;
  const names = Object.keys(operations) as OperationName[];
  for (const operation of names) {
    for (const input of inputsOf(operation)) {
      const needed = neededFor(operation, input);
      const where = `${operation} ${JSON.stringify(needed)}`;
      const [own = assert.fail()] = needed;
      await setPolicy(needed);
      assert.equal(await denial(operation, input), undefined, where);
      for (const part of needed) {
        const others = needed.filter((one) => one !== part);
        await setPolicy([...others, { NotAction: part.Action, Resource: "*" }]);
        const message =
          (await denial(operation, input)) ?? assert.fail(`without ${part.Action}: ${where}`);
        assert.ok(
          message.includes(`not authorized to perform: ${part.Action} on resource`),
          message,
        );
      }
      const elsewhere = own.Resource === "*" ? taggedArn : `${own.Resource}x`;
      await setPolicy([...needed.slice(1), { ...own, Resource: elsewhere }]);
      assert.ok((await denial(operation, input)) !== undefined, `elsewhere: ${where}`);
      await setPolicy([...needed, { Effect: "Deny", Action: own.Action, Resource: "*" }]);
      assert.match((await denial(operation, input)) ?? "", /with an explicit deny/, where);
      calls += 3 + needed.length;
    }
  }
  t.diagnostic(`${names.length} operations, ${calls} calls`);
  assert.equal(names.length, 83);
});
