import type { StatementRules } from "./statement-rules.ts";
import type { Text } from "./policy.ts";

const vendorCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";

/** Refuses what IAM refuses in Action and NotAction, in its wording. */
export function checkAction({ text, span }: Text, { kind, variables, list }: StatementRules): void {
  const refuse = (message: string, issueCode = "INVALID_ACTION"): void =>
    list.add({ stage: "vendor", issueCode, message, detail: `"${text}": ${message}`, span });
  if (variables && text.includes("${")) {
    list.syntax("VARIABLE_UNSUPPORTED_IN_ELEMENT", "an action takes no policy variable", { span });
    return;
  }
  if (kind === "trust" && !text.toLowerCase().startsWith("sts:")) {
    refuse(
      "AssumeRole policy may only specify STS AssumeRole actions.",
      "MISMATCHED_ACTION_FOR_PRINCIPAL",
    );
    return;
  }
  if (text === "*") return;
  const parts = text.split(":", 3);
  const [vendor = "", name] = parts;
  if (name === undefined || vendor === "" || name === "") {
    refuse("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  } else if (parts.length > 2) refuse("Actions/Condition can contain only one colon.");
  else if (vendor !== "*" && ![...vendor].every((char) => vendorCharacters.includes(char))) {
    refuse(`Vendor ${vendor} is not valid`, "INVALID_SERVICE_IN_ACTION");
  }
}
