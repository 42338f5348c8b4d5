import assert from "node:assert/strict";
import * as iam from "@aws-sdk/client-iam";
import { iamClient, policyOf } from "./query-clients.ts";
import type { QueryServer } from "./query-server.ts";

// What the tests of simulations share: one bucket, one policy, and short ways to ask.

export const other = "999988887777";

export const bucket = "arn:aws:s3:::docs";

export const readAll = policyOf({ Action: "s3:*" });

export type Custom = Partial<iam.SimulateCustomPolicyCommandInput>;

export async function custom(
  server: QueryServer,
  input: Custom,
): Promise<readonly iam.EvaluationResult[]> {
  const command = new iam.SimulateCustomPolicyCommand({
    PolicyInputList: [readAll],
    ActionNames: ["s3:GetObject"],
    ...input,
  });
  const { EvaluationResults, IsTruncated } = await iamClient(server).send(command);
  assert.equal(IsTruncated, false);
  return EvaluationResults ?? [];
}

export async function one(server: QueryServer, input: Custom): Promise<iam.EvaluationResult> {
  const [result, ...more] = await custom(server, input);
  assert.ok(result !== undefined && more.length === 0);
  return result;
}

export const entry = (
  ContextKeyName: string,
  ContextKeyType: iam.ContextKeyTypeEnum | undefined,
  ...ContextKeyValues: string[]
): iam.ContextEntry => ({ ContextKeyName, ContextKeyType, ContextKeyValues });
