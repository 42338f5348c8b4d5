import { placesIn, type Policy, type RoleFinding, type Statement } from "../../iam/iam.ts";

type Text = Statement["actions"][number];

/** Checks of a role's documents that need no account or Region, and so fit templates too. */
export function roleFindings(policies: readonly Policy[]): readonly RoleFinding[] {
  return [...mixedAccounts(policies), ...unseenSecurityGroups(policies)];
}

function placed(policy: Policy, { span }: Text, code: string, detail: string): RoleFinding {
  const places = placesIn(policy.text);
  const range = { start: places(span.start), end: places(span.end) };
  return { type: "QUARRY", code, detail, range, policy };
}

const accountKeys = new Set(["aws:sourceaccount", "aws:resourceaccount"]);

/** The account a text speaks of, where it is still a placeholder: `{{account_id}}`. */
function placeholderOf(text: string, isWhole: boolean): string | undefined {
  const account = isWhole ? text : text.startsWith("arn:") ? (text.split(":")[4] ?? "") : "";
  const isPlaceholder =
    (account.startsWith("{{") && account.endsWith("}}")) ||
    (account.startsWith("[[") && account.endsWith("]]"));
  return isPlaceholder ? account : undefined;
}

/**
 * Two placeholders for the account of one role: whoever fills in two accounts makes half of the
 * ARNs foreign.
 */
function mixedAccounts(policies: readonly Policy[]): readonly RoleFinding[] {
  const found = policies.flatMap((policy) =>
    policy.statements.flatMap(({ resources = [], conditions }) => {
      const values = conditions.flatMap(({ key, values: texts }) =>
        texts.map((text) => ({ text, isWhole: accountKeys.has(key.toLowerCase()) })),
      );
      return [...resources.map((text) => ({ text, isWhole: false })), ...values].flatMap(
        ({ text, isWhole }) => {
          const name = placeholderOf(text.text, isWhole);
          return name === undefined ? [] : [{ policy, text, name }];
        },
      );
    }),
  );
  const [first] = found;
  return found
    .filter(({ name }) => name !== first?.name)
    .map(({ policy, text, name }) => {
      const detail = `${name} and ${first?.name ?? ""} are one account; fill in the same`;
      return placed(policy, text, "ACCOUNT_MISMATCH", detail);
    });
}

/** A role that puts interfaces under security groups should be able to see that they exist. */
function unseenSecurityGroups(policies: readonly Policy[]): readonly RoleFinding[] {
  const allows = policies.flatMap((policy) =>
    policy.statements
      .filter(({ effect, isNotAction }) => effect === "Allow" && !isNotAction)
      .map((statement) => ({ policy, statement })),
  );
  const sees = allows.some(({ statement }) => names(statement, "ec2:describesecuritygroups"));
  if (sees) return [];
  return allows
    .filter(({ statement }) => names(statement, "ec2:createnetworkinterface"))
    .flatMap(({ policy, statement }) =>
      (statement.resources ?? [])
        .filter(({ text }) => text.includes(":security-group/"))
        .map((text) => {
          const detail = "the role cannot check security groups; add ec2:DescribeSecurityGroups";
          return placed(policy, text, "SECURITY_GROUPS_NOT_DESCRIBED", detail);
        }),
    );
}

/** Whether an Allow names an action, with a star at its end at most. */
function names({ actions }: Statement, lowerAction: string): boolean {
  return actions.some(({ text }) => {
    const lower = text.toLowerCase();
    return lower.endsWith("*") ? lowerAction.startsWith(lower.slice(0, -1)) : lower === lowerAction;
  });
}

/**
 * Whether a role's decryption can only be meant for objects: it may read objects and decrypt, and
 * it has no secret to read.
 */
export function saysDecryptsObjects(permissions: readonly Policy[]): boolean {
  const allows = permissions
    .flatMap(({ statements }) => statements)
    .filter(({ effect, isNotAction }) => effect === "Allow" && !isNotAction);
  const may = (action: string): boolean => allows.some((statement) => names(statement, action));
  return may("s3:getobject") && may("kms:decrypt") && !may("secretsmanager:getsecretvalue");
}
