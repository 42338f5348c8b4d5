import type { stsShapes } from "../../contract/contract.ts";
import {
  newKeyId,
  newSecret,
  type SessionClaims,
  writeSessionToken,
} from "../../identity/identity.ts";
import type { IamEntity } from "../../store/store.ts";
import { queryError } from "../../wire/wire.ts";
import { maxSessionSecondsDefault } from "../iam/role.ts";
import type { QueryCall } from "../iam/query-operation.ts";
import { checkSessionPolicies, packedSizeOf, type SessionLoad } from "./session-policy.ts";

const secondsDefault = 3600;

/** What the actions that assume a role answer in common. */
export type RoleSession = {
  readonly Credentials: stsShapes.Credentials;
  readonly AssumedRoleUser: { readonly AssumedRoleId: string; readonly Arn: string };
  readonly PackedPolicySize: number | undefined;
  readonly SourceIdentity: string | undefined;
};

/**
 * Makes temporary credentials of a role. Nothing is stored: the token says it all, and only this
 * installation can write one.
 *
 * @throws QueryError MalformedPolicyDocument, PackedPolicyTooLarge or ValidationError.
 */
export async function makeSession(
  call: QueryCall,
  role: IamEntity,
  { name, seconds, load }: SessionPlan,
): Promise<RoleSession> {
  await checkSessionPolicies(call, load);
  const PackedPolicySize = packedSizeOf(load);
  return {
    Credentials: makeCredentials(call, { roleId: role.id, sessionName: name, seconds, load }),
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${name}`,
      Arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name}`,
    },
    PackedPolicySize,
    SourceIdentity: load.sourceIdentity,
  };
}

/** Temporary credentials of whoever the claims name; what they carry has been checked. */
export function makeCredentials(
  { identity, now: issuedAt }: QueryCall,
  {
    seconds,
    load,
    ...who
  }: Pick<SessionClaims, "roleId" | "sessionName" | "of"> & Omit<SessionPlan, "name">,
): stsShapes.Credentials {
  const AccessKeyId = newKeyId("ASIA");
  const SecretAccessKey = newSecret();
  const Expiration = new Date(issuedAt.getTime() + seconds * 1000);
  const SessionToken = writeSessionToken(identity.sealingKey, {
    ...load,
    ...who,
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    issuedAt,
    expiresAt: Expiration,
  });
  return { AccessKeyId, SecretAccessKey, SessionToken, Expiration };
}

/** A session about to be made. */
export type SessionPlan = {
  readonly name: string;
  readonly seconds: number;
  readonly load: SessionLoad;
};

/**
 * The session's length in seconds.
 *
 * @throws QueryError ValidationError above what the role allows.
 */
export function sessionSeconds(asked: number | undefined, { record }: IamEntity): number {
  const seconds = asked ?? secondsDefault;
  if (seconds <= (record.maxSessionDurationSeconds ?? maxSessionSecondsDefault)) return seconds;
  throw queryError(
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
}
