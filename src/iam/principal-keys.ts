import { type Principal } from "./principal.ts";

const present: Readonly<Record<string, (principal: Principal) => string | undefined>> = {
  "aws:principalarn": (principal) => {
    if (principal.type === "role") return principal.roleArn;
    return "arn" in principal ? principal.arn : undefined;
  },
  "aws:principalaccount": (principal) => {
    if (principal.type === "anonymous") return "anonymous";
    return "account" in principal ? principal.account : undefined;
  },
  "aws:principaltype": (principal) => principalTypes[principal.type],
  "aws:userid": userId,
  "aws:username": (principal) => (principal.type === "user" ? principal.name : undefined),
  "aws:principalisawsservice": (principal) => String(principal.type === "service"),
  "aws:principalservicename": (principal) =>
    principal.type === "service" ? principal.service : undefined,
};

const principalTypes: Readonly<Record<Principal["type"], string | undefined>> = {
  user: "User",
  role: "AssumedRole",
  federatedUser: "FederatedUser",
  root: "Account",
  anonymous: "Anonymous",
  service: undefined,
  provider: undefined,
};

function userId(principal: Principal): string | undefined {
  switch (principal.type) {
    case "user":
      return principal.uniqueId;
    case "role":
      return principal.uniqueId && `${principal.uniqueId}:${principal.sessionName}`;
    case "federatedUser":
      return `${principal.account}:${principal.name}`;
    case "root":
      return principal.account;
    case "anonymous":
      return "anonymous";
    default:
      return undefined;
  }
}

/**
 * The value of a condition key (lower case) that follows from the principal alone: the table
 * "aws:username, aws:userid, aws:PrincipalType" of the IAM user guide's page on policy variables.
 */
export function principalKey(principal: Principal, lowerKey: string): string | undefined {
  return Object.hasOwn(present, lowerKey) ? present[lowerKey]?.(principal) : undefined;
}

/** The keys `principalKey` can answer, in lower case. */
export const principalKeys: readonly string[] = Object.keys(present);
