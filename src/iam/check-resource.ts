import { splitArn } from "./arn.ts";
import type { StatementRules } from "./statement-rules.ts";
import type { Text } from "./policy.ts";
import { parseTemplate } from "./template.ts";

/** Partitions of "Amazon Resource Names (ARNs)"; a star stands for any. */
export const partitions: ReadonlySet<string> = new Set([
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-eusc",
  "*",
]);

const iamPaths =
  "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, " +
  "sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";

/** S3 resources that do belong to a Region: everything but buckets and objects. */
const regionalS3 = [
  "accesspoint",
  "job/",
  "storage-lens",
  "access-grants",
  "async-request",
  "outpost",
];

/** Refuses what IAM refuses in Resource and NotResource, in its wording. */
export function checkResource({ text, span }: Text, { variables, list }: StatementRules): void {
  if (text === "*") return;
  const refuse = (message: string, issueCode: string): void =>
    list.add({ stage: "resource", issueCode, message, detail: message, span });
  const [variableFault] = parseTemplate(text, { variables, wildcards: true }).faults;
  if (variableFault !== undefined) {
    const { code, at } = variableFault;
    const detail = `the policy variable at character ${at + 1} of "${text}" is not complete`;
    list.syntax(code, detail, { span });
    return;
  }
  if (!text.startsWith("arn:")) {
    refuse(`Resource ${text} must be in ARN format or "*".`, "INVALID_ARN_PREFIX");
    return;
  }
  const parts = splitArn(text);
  if (parts === undefined || parts[5] === "") {
    refuse("The policy failed legacy parsing", "MISSING_ARN_FIELD");
    return;
  }
  const [, partition, vendor, region, account, path] = parts;
  if (!partitions.has(partition)) {
    refuse(`Partition "${partition}" is not valid for resource "${text}".`, "INVALID_PARTITION");
  } else if (vendor === "" || vendor.includes("*") || vendor.includes("?")) {
    refuse(
      "Resource vendor must be fully qualified and cannot contain regexes.",
      "WILDCARD_IN_SERVICE_NAME",
    );
  } else if (vendor === "s3" && region !== "" && region !== "*" && !isRegionalS3(account, path)) {
    refuse(`Resource ${text} can not contain region information.`, "ARN_REGION_NOT_ALLOWED");
  } else if (vendor === "iam" && region !== "" && region !== "*") {
    refuse(`IAM resource ${text} cannot contain region information.`, "ARN_REGION_NOT_ALLOWED");
  } else if (vendor === "iam" && !isIamPath(path)) {
    refuse(
      `IAM resource path must either be "*" or start with ${iamPaths}.`,
      "INVALID_ARN_RESOURCE",
    );
  }
}

function isRegionalS3(account: string, path: string): boolean {
  return account !== "" && regionalS3.some((prefix) => path.startsWith(prefix));
}

function isIamPath(path: string): boolean {
  if (path === "*" || path === "root") return true;
  return iamPaths.split(", ").some((prefix) => path.startsWith(prefix));
}
