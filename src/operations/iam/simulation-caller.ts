import { type Principal, principalFromArn } from "../../iam/iam.ts";
import { iamStore } from "../../store/store.ts";
import type { QueryCall } from "./query-operation.ts";
import { invalidInput } from "./simulation-input.ts";

const callerPattern = /^arn:aws[a-z-]{0,20}:iam::(\d{12}):(user|group|role)\/[!-~]{1,1000}$/;

/**
 * The simulated caller of a user, group or role. What follows from it alone (`aws:username`,
 * `aws:PrincipalArn`, …) needs no entry in the context; its tags do.
 *
 * @throws QueryError InvalidInput for sessions, services and everything else.
 */
export async function simulatedCaller({ db }: QueryCall, arn: string): Promise<Principal> {
  const [, account, kind] = callerPattern.exec(arn) ?? [];
  if (account === undefined) {
    throw invalidInput(`CallerArn ${arn} is the ARN of no IAM user, group or role.`);
  }
  // Groups call nothing; somebody in one does, of whom nothing else is known.
  if (kind === "group") return namelessCaller(account, arn);
  const known = await iamStore.findEntityByArn(db.read, arn);
  const principal = principalFromArn(arn, known === undefined ? {} : { uniqueId: known.id });
  if (principal === undefined) throw invalidInput(`CallerArn ${arn} is not valid.`);
  return principal;
}

/** Somebody of an account who has neither a name nor an id, nor an ARN unless one is given. */
export function namelessCaller(account: string, arn = ""): Principal {
  return { type: "role", roleArn: arn, arn, account, sessionName: "" };
}
