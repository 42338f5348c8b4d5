import { queryError } from "../../wire/wire.ts";

/** Counts and sizes that IAM bounds ("IAM and AWS STS quotas", IAM User Guide). */
export const iamLimits = {
  rolesPerAccount: 1000,
  usersPerAccount: 5000,
  accessKeysPerUser: 2,
  tagsPerEntity: 50,
  /** Characters without white space. */
  trustPolicyCharacters: 2048,
  inlineCharactersPerRole: 10_240,
  inlineCharactersPerUser: 2048,
  inlineCharactersPerGroup: 5120,
  groupsPerAccount: 300,
  groupsPerUser: 10,
  managedPolicyCharacters: 6144,
  policiesPerAccount: 1500,
  versionsPerPolicy: 5,
  attachedPerEntity: 10,
  sessionPolicyArns: 10,
  sessionPolicyCharacters: 2048,
} as const;

/** Refuses one more than a quota allows. */
export function checkQuota(name: string, count: number, max: number): void {
  if (count >= max) throw queryError("LimitExceeded", `Cannot exceed quota for ${name}: ${max}`);
}

/** The size of a policy document as quotas count it: white space is free. */
export function policySize(document: string): number {
  let size = 0;
  for (let at = 0; at < document.length; at += 1) {
    const code = document.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) size += 1;
  }
  return size;
}
