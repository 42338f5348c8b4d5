import type { ParsedArguments } from "../arguments.ts";
import { type CliContext, usageError } from "../context.ts";
import type { ApplicationPlace } from "./policies.ts";
import type { Network } from "./further.ts";
import { accountFlag } from "./request.ts";

/** What fills in the placeholders; each is asked for where a recipe needs it. */
export type PlaceFlags = {
  readonly place: () => ApplicationPlace;
  readonly indexId: () => string;
  readonly bucket: () => string;
  readonly keyArns: () => readonly string[];
  readonly network: () => Network;
  /** Who signs the calls of a program: an AWS principal. */
  readonly caller: () => string;
};

type Form = { readonly pattern: RegExp; readonly example: string };

// Values go into ARNs, where a star or a slash would grant more than was meant.
const forms = {
  "--application": {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{35}$/,
    example: "a1b2c3d4-5678-4abc-8def-111111111111",
  },
  "--index": {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9-]{35}$/,
    example: "b2c3d4e5-6789-4bcd-8ef0-222222222222",
  },
  "--bucket": { pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, example: "handbook" },
  "--region": { pattern: /^[a-z]{2,}(?:-[a-z0-9]+)+$/, example: "us-east-1" },
  "--kms-key": {
    pattern: /^(?:arn:aws:kms:[a-z0-9-]+:\d{12}:key\/)?[a-zA-Z0-9-]{1,128}$/,
    example: "arn:aws:kms:us-east-1:111122223333:key/KEY-ID",
  },
  "--subnet": { pattern: /^subnet-[0-9a-f]{8,17}$/, example: "subnet-0a1b2c3d4e5f60718" },
  "--security-group": { pattern: /^sg-[0-9a-f]{8,17}$/, example: "sg-0f1e2d3c4b5a69788" },
  "--caller": {
    pattern: /^arn:aws:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]{1,576})$/,
    example: "arn:aws:iam::111122223333:role/Site",
  },
} as const satisfies Readonly<Record<string, Form>>;

/** Reads the placeholders' values. Each throws a CliError with exit code 2 naming its flag. */
export function placeFlags({ flags }: ParsedArguments, env: CliContext["env"]): PlaceFlags {
  const check = (name: keyof typeof forms, text: string): string => {
    const { pattern, example }: Form = forms[name];
    if (pattern.test(text)) return text;
    throw usageError(`${name} must have a form like ${example}.`);
  };
  const list = (name: keyof typeof forms): readonly string[] =>
    (flags.get(name) ?? []).map((text) => check(name, text));
  const needed = (name: keyof typeof forms): string => {
    const [text] = list(name);
    if (text !== undefined) return text;
    throw usageError(`${name} is missing; write ${name} ${forms[name].example}, for example.`);
  };
  const region = (): string =>
    list("--region")[0] ?? check("--region", env["QUARRY_REGION"] || "us-east-1");
  const account = (): string => accountFlag(flags, env);
  return {
    place: () => ({
      region: region(),
      accountId: account(),
      applicationId: needed("--application"),
    }),
    indexId: () => needed("--index"),
    bucket: () => needed("--bucket"),
    keyArns: () =>
      list("--kms-key").map((key) =>
        key.startsWith("arn:") ? key : `arn:aws:kms:${region()}:${account()}:key/${key}`,
      ),
    network: () => networkOf(list("--subnet"), list("--security-group")),
    caller: () => list("--caller")[0] ?? `arn:aws:iam::${account()}:root`,
  };
}

function networkOf(subnetIds: readonly string[], securityGroupIds: readonly string[]): Network {
  if ((subnetIds.length === 0) === (securityGroupIds.length === 0)) {
    return { subnetIds, securityGroupIds };
  }
  throw usageError("--subnet and --security-group belong together; give at least one of each.");
}
