import type { KeyGrant, PolicyKind } from "../../iam/iam.ts";
import { type CliError, usageError } from "../context.ts";
import type { TextFile } from "./files.ts";
import { isRecord, type Member, members } from "./members.ts";

/** A request with policies and the decision that they must give. */
export type DecisionCase = {
  readonly type: "decision";
  readonly id: string;
  readonly group: string;
  readonly why: string;
  readonly isDisputed: boolean;
  readonly principal: string;
  readonly action: string;
  readonly context: ContextPairs;
  readonly resources: readonly {
    readonly arn: string;
    readonly account?: string;
    readonly context?: ContextPairs;
  }[];
  /** Documents by layer; `scp` and `rcp` are lists of levels. */
  readonly policies: Readonly<Record<LayerName, readonly string[]>>;
  readonly levels: Readonly<Record<"scp" | "rcp", readonly (readonly string[])[] | undefined>>;
  readonly present: ReadonlySet<string>;
  readonly grants: readonly KeyGrant[];
  readonly expect: string;
};

/** A document, whether IAM takes it, and what there is to say about it. */
export type ValidationCase = {
  readonly type: "validation";
  readonly id: string;
  readonly group: string;
  readonly why: string;
  readonly kind: PolicyKind;
  readonly text: string;
  readonly isAccepted: boolean;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly findings: readonly ExpectedFinding[];
  readonly uncertain: readonly string[];
};

export type ExpectedFinding = {
  readonly type: string;
  readonly code: string;
  /** Line from one, column from zero. */
  readonly location?: { readonly line: number; readonly column: number };
};

type ContextPairs = Readonly<Record<string, string | readonly string[]>>;
const layerNames = ["identity", "resource", "boundary", "session"] as const;
export type LayerName = (typeof layerNames)[number];

const kinds: Readonly<Record<string, PolicyKind>> = {
  IDENTITY_POLICY: "identity",
  TRUST_POLICY: "trust",
  RESOURCE_POLICY: "resource",
  SERVICE_CONTROL_POLICY: "scp",
  RESOURCE_CONTROL_POLICY: "rcp",
};

/**
 * Reads a table of cases.
 *
 * @throws CliError with exit code 2 that names the case and the member that is wrong.
 */
export function readCases({ name, text }: TextFile): readonly (DecisionCase | ValidationCase)[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw usageError(`${name} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const list = isRecord(json) ? json["cases"] : json;
  if (!Array.isArray(list) || list.length === 0) {
    throw usageError(`${name} has no "cases"; see quarry policy test --help.`);
  }
  return list.map((value: unknown, at) => {
    const refuse = (path: string, wanted: string): CliError => {
      const id = isRecord(value) && typeof value["id"] === "string" ? ` (${value["id"]})` : "";
      return usageError(`${name}: case ${at + 1}${id}: ${path} must be ${wanted}.`);
    };
    const one = members(value, "the case", refuse);
    if (one.has("documentText")) return validationOf(one);
    if (one.has("request")) return decisionOf(one);
    throw refuse("the case", "a decision (request) or a validation (documentText)");
  });
}

function decisionOf(one: Member): DecisionCase {
  const request = one.record("request");
  const policies = one.record("policies");
  const account = request.optionalText("resourceAccount");
  const single = { arn: request.optionalText("resource") ?? "*", ...(account && { account }) };
  const several = request.optionalList("resources")?.map((resource) => {
    const owner = resource.optionalText("account") ?? account;
    return {
      arn: resource.text("arn"),
      ...(owner !== undefined && { account: owner }),
      ...(resource.has("context") && { context: resource.pairs("context") }),
    };
  });
  const expect = one.text("expect");
  if (!["Allow", "ImplicitDeny", "ExplicitDeny"].includes(expect)) {
    throw one.refuse("expect", "Allow, ImplicitDeny or ExplicitDeny");
  }
  return {
    type: "decision",
    id: one.text("id"),
    group: one.optionalText("group") ?? "decisions",
    why: one.optionalText("why") ?? "",
    isDisputed: one.optionalText("basis") === "disputed",
    principal: request.text("principal"),
    action: request.text("action"),
    context: request.has("context") ? request.pairs("context") : {},
    resources: several ?? [single],
    policies: {
      identity: policies.documents("identity"),
      resource: policies.documents("resource"),
      boundary: policies.documents("boundary"),
      session: policies.documents("session"),
    },
    levels: { scp: policies.levels("scp"), rcp: policies.levels("rcp") },
    present: new Set(layerNames.filter((layer) => policies.has(layer))),
    grants: policies.optionalList("grants")?.map(grantOf) ?? [],
    expect,
  };
}

function grantOf(grant: Member): KeyGrant {
  const constraints = grant.has("constraints") ? grant.record("constraints") : undefined;
  const equal = constraints?.optionalTexts("EncryptionContextEquals");
  const subset = constraints?.optionalTexts("EncryptionContextSubset");
  return {
    granteePrincipal: grant.text("granteePrincipal"),
    operations: grant.texts("operations"),
    ...(constraints !== undefined && {
      constraints: {
        ...(equal !== undefined && { EncryptionContextEquals: equal }),
        ...(subset !== undefined && { EncryptionContextSubset: subset }),
      },
    }),
  };
}

function validationOf(one: Member): ValidationCase {
  const policyType = one.text("policyType");
  const kind = Object.hasOwn(kinds, policyType) ? kinds[policyType] : undefined;
  if (kind === undefined) throw one.refuse("policyType", Object.keys(kinds).join(", "));
  const create = one.record("create");
  return {
    type: "validation",
    id: one.text("id"),
    group: one.optionalText("group") ?? "validations",
    why: one.optionalText("why") ?? "",
    kind,
    text: one.text("documentText"),
    isAccepted: create.boolean("accepted"),
    code: create.optionalText("code"),
    message: create.optionalText("message"),
    findings: one.list("findings").map((found) => ({
      type: found.text("type"),
      code: found.text("code"),
      ...(found.has("location") && { location: locationOf(found.record("location")) }),
    })),
    uncertain: one.has("uncertain") ? one.texts("uncertain") : [],
  };
}

function locationOf(location: Member): { readonly line: number; readonly column: number } {
  return { line: location.number("line"), column: location.number("column") };
}
