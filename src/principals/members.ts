import { canonicalEmail } from "../core/email.ts";
import type { MemberPiece } from "../store/store.ts";

/** Whether a name means the same in the whole index, or only in one data source. */
export type MembershipType = "INDEX" | "DATASOURCE";

/** A member of a group, with users in canonical form. */
export type GroupMember = {
  readonly kind: "user" | "group";
  readonly type: MembershipType;
  readonly name: string;
};

/** Members as the API takes them. Without a type they are what the group is. */
export type MemberInput = {
  readonly memberUsers?:
    | readonly { readonly userId: string; readonly type?: MembershipType | undefined }[]
    | undefined;
  readonly memberGroups?:
    | readonly { readonly groupName: string; readonly type?: MembershipType | undefined }[]
    | undefined;
};

/** Why a list of members cannot be taken: which member, and what is wrong with it. */
export type MemberIssue = { readonly field: string; readonly message: string };

/**
 * Reads the members of a group ("GroupMembers", API reference). A member of an index-wide group
 * cannot be a name of a data source: there is none that it could belong to.
 */
export function checkMembers(
  groupType: MembershipType,
  { memberUsers = [], memberGroups = [] }: MemberInput,
): readonly GroupMember[] | MemberIssue {
  const members = [
    ...memberUsers.map(({ userId, type }, i) => ({
      field: `memberUsers.${i}.type`,
      member: { kind: "user", type: type ?? groupType, name: canonicalEmail(userId) } as const,
    })),
    ...memberGroups.map(({ groupName, type }, i) => ({
      field: `memberGroups.${i}.type`,
      member: { kind: "group", type: type ?? groupType, name: groupName } as const,
    })),
  ];
  const wrong = members.find(({ member }) => groupType === "INDEX" && member.type !== "INDEX");
  if (wrong !== undefined) {
    const { field } = wrong;
    return { field, message: "A member of a group of type INDEX must be of type INDEX" };
  }
  return members.map(({ member }) => member);
}

const membersPerPiece = 20_000;

/** Members in pieces of a size that the store takes at once. */
export function encodeMembers(members: readonly GroupMember[]): readonly MemberPiece[] {
  const alike = Map.groupBy(members, ({ kind, type }) => `${kind} ${type}` as const);
  return [...alike.values()].flatMap((some) => {
    const pieces: MemberPiece[] = [];
    for (let begin = 0; begin < some.length; begin += membersPerPiece) {
      const piece = some.slice(begin, begin + membersPerPiece);
      const { kind, type } = piece[0] ?? { kind: "user", type: "INDEX" };
      pieces.push({ kind, type, names: JSON.stringify(piece.map(({ name }) => name)) });
    }
    return pieces;
  });
}
