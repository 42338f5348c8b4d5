/**
 * The user store: who the users of an application are, which other names they go by, and which
 * groups they belong to.
 *
 * Words: a *user* is known by a canonical e-mail; an *alias* is another name of theirs, everywhere,
 * in one index, or for one data source. A *group* lives in an index or in one data source of it. A
 * *membership* is everything that somebody is, nested groups included.
 *
 * Not for: access lists and what they decide (`search`), or who may call the API (`identity`).
 */
export { type AliasChange, type AliasPlan, planAliases } from "./aliases.ts";
export {
  checkMembers,
  encodeMembers,
  type GroupMember,
  type MemberInput,
  type MembershipType,
} from "./members.ts";
export { type Membership, resolveMembership, type ScopedPrincipal } from "./membership.ts";
export { type MembersFile, readMembersFile } from "./read-members-file.ts";
export { readMembersText } from "./members-text.ts";
export { admit } from "./sign-in.ts";
