import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/log.ts";
import {
  type Caller,
  type Identity,
  newKeyId,
  newSecret,
  writeSessionToken,
} from "../../identity/identity.ts";
import { type Agents, type Network, post } from "../../network/network.ts";
import type { Objects } from "../../objects/objects.ts";
import { hashBody, sign } from "../../sigv4/sigv4.ts";
import type { FieldTypes, HookRule } from "./configuration.ts";
import { createExchange, hookSessionName } from "./exchange.ts";
import { type HookAnswer, type HookContent, hookRequest, parseHookAnswer } from "./hook-message.ts";
import type { Enrichable } from "./enrich.ts";
import type { DecryptObject } from "../role-access.ts";

/** When a function is called: with the file, or with the text of it. */
export type HookStage = "pre" | "post";

/** A call that did not come to an answer that can be used, and why, for the document's owner. */
export type HookFailure = { readonly reason: string };

/** Calls the function of a hook. Rejects only when the work is stopped. */
export type CallHook = (
  stage: HookStage,
  hook: HookRule,
  call: {
    readonly document: Enrichable;
    readonly content: Uint8Array;
    readonly fields: FieldTypes;
    readonly signal: AbortSignal;
  },
) => Promise<HookAnswer | HookFailure>;

/** Source: "Lambda functions for document enrichment", Amazon Q Business user guide. */
const timeoutMs: Readonly<Record<HookStage, number>> = { pre: 5 * 60_000, post: 60_000 };

/** Largest content that goes through the body of a call, and through a bucket; ours. */
const contentBytesMax = { body: 10_000_000, bucket: 50_000_000 } as const;

/** Largest content that a function takes. */
export function hookContentBytesMax({ s3BucketName }: HookRule): number {
  return contentBytesMax[s3BucketName === undefined ? "body" : "bucket"];
}

const answerBytesMax = 16 * 1024 * 1024;
const sessionMs = 15 * 60_000;

/**
 * Makes the calls of one application's hooks. A function is an HTTP endpoint that the operator
 * named for its ARN; the hook's role must be one that the service may assume for the application,
 * and that may invoke the function. Calls are signed, as for service `lambda`, with a session of it.
 */
export function hookCaller(options: {
  readonly identity: Identity;
  readonly objects: Pick<Objects, "asRole" | "writeAs">;
  readonly decryptObject?: DecryptObject | undefined;
  readonly region: string;
  readonly now: Clock;
  /** ARN of a function -> URL. */
  readonly hooks?: Readonly<Record<string, string>> | undefined;
  readonly applicationArn: string;
  readonly network: Pick<Network, "outside">;
  /** The way of the data source whose hooks they are; without it the way outside. */
  readonly agents?: Agents;
  readonly timeoutMs?: number;
}): CallHook {
  const { hooks = {}, agents = options.network.outside.agents } = options;
  return async (stage, hook, { document, content, fields, signal }) => {
    const { lambdaArn = "", roleArn = "", s3BucketName: bucket } = hook;
    const failure = (what: string): HookFailure => ({
      reason: `The ${stage}-extraction function ${lambdaArn} ${what}.`,
    });
    const url = Object.hasOwn(hooks, lambdaArn) ? hooks[lambdaArn] : undefined;
    if (url === undefined) return failure("has no address here; the operator sets it with --hook");
    const role = await assumeRole(options, { roleArn, lambdaArn });
    if ("refusal" in role) return { reason: role.refusal };
    const bytesMax = hookContentBytesMax(hook);
    if (content.length > bytesMax) {
      return failure(`takes at most ${bytesMax} bytes; the document has ${content.length}`);
    }
    const exchange =
      bucket === undefined
        ? undefined
        : createExchange(options, { bucket, roleArn, role: role.caller, bytesMax, signal });
    const given = exchange === undefined ? { bytes: content } : await exchange.give(content);
    if ("reason" in given) return given;
    const limitMs = options.timeoutMs ?? timeoutMs[stage];
    const timeout = AbortSignal.timeout(limitMs);
    const request = signedRequest(options, { url, role: role.caller, given, document });
    try {
      const { status, headers, body } = await post(agents, new URL(url), {
        ...request,
        answerBytesMax,
        signal: AbortSignal.any([signal, timeout]),
      });
      if (body === undefined) return failure(`answered with more than ${answerBytesMax} bytes`);
      if (status < 200 || status > 299) return failure(`answered with HTTP status ${status}`);
      if (headers["x-amz-function-error"] !== undefined) return failure("reported an error");
      const answer = parseHookAnswer(body, fields, { isByBucket: exchange !== undefined });
      if (typeof answer === "string") return failure(answer);
      const { objectKey } = answer;
      if (objectKey === undefined || exchange === undefined) return answer;
      const taken = await exchange.take(objectKey);
      return "reason" in taken ? taken : { ...answer, content: taken.content };
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) return failure(`did not answer within ${limitMs / 1000} seconds`);
      return failure(`could not be called: ${reasonOf(error)}`);
    } finally {
      await exchange?.clear();
    }
  };
}

type Options = Parameters<typeof hookCaller>[0];

async function assumeRole(
  { identity, applicationArn, region, now }: Options,
  { roleArn, lambdaArn }: { readonly roleArn: string; readonly lambdaArn: string },
): Promise<{ readonly caller: Caller } | { readonly refusal: string }> {
  const assumed = await identity.assumeAsService({
    roleArn,
    service: "qbusiness.amazonaws.com",
    sourceArn: applicationArn,
    sessionName: hookSessionName,
  });
  if (assumed.kind !== "assumed") return { refusal: assumed.message };
  const { caller } = assumed;
  const verdict = await identity.authorize(caller, {
    action: "lambda:InvokeFunction",
    // A function of another account would need a policy of its own, which is not here.
    resources: [{ arn: lambdaArn, account: lambdaArn.split(":")[4] ?? "", context: {} }],
    facts: { now: now(), region, isSecure: true, sourceIp: "127.0.0.1" },
  });
  return verdict.isAllowed ? { caller } : { refusal: verdict.message };
}

function signedRequest(
  { identity, region, now }: Options,
  call: {
    readonly url: string;
    readonly role: Caller;
    readonly given: HookContent;
    readonly document: Enrichable;
  },
): { readonly body: string; readonly headers: [string, string][] } {
  const { host, pathname, search } = new URL(call.url);
  const body = hookRequest(call.given, call.document);
  const issuedAt = now();
  const key = { accessKeyId: newKeyId("ASIA"), secretAccessKey: newSecret() };
  const sessionToken = writeSessionToken(identity.sealingKey, {
    ...key,
    roleId: call.role.entityId ?? "",
    sessionName: hookSessionName,
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + sessionMs),
  });
  const { headers } = sign(
    {
      method: "POST",
      rawTarget: pathname + search,
      headers: [
        ["host", host],
        ["content-type", "application/json"],
      ],
    },
    { ...key, sessionToken },
    { service: "lambda", region, now: issuedAt, bodyHash: hashBody(Buffer.from(body)) },
  );
  // The client writes the host itself, the same one.
  const sent = headers.filter(([name]) => name !== "host");
  return { body, headers: sent.map(([name, value]) => [name, value]) };
}
