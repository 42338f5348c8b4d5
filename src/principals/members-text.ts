// The file that lists the members of a large group. Its format is not published; what is read here
// is the shape of the API's own `groupMembers`, and lines as Amazon Kendra's guide describes them
// ("Filtering on user context": entries with an id whose `type` is always GROUP or USER).
import { checkMembers, type GroupMember, type MembershipType } from "./members.ts";

/** What a file of members says, or why it cannot be taken, in one sentence. */
export type MembersText =
  | { readonly members: readonly GroupMember[] }
  | { readonly problem: string };

type Entry =
  | { readonly kind: "user"; readonly userId: string; readonly type: MembershipType | undefined }
  | {
      readonly kind: "group";
      readonly groupName: string;
      readonly type: MembershipType | undefined;
    };

const nameLengthMax = 1024;

class Problem extends Error {}

/** Reads a file of members: one JSON document, or one JSON object per line. */
export function readMembersText(
  text: string,
  options: { readonly groupType: MembershipType; readonly membersMax: number },
): MembersText {
  try {
    const entries = entriesOf(text.replace(/^\uFEFF/, ""), options.membersMax);
    const memberUsers = entries.filter((entry) => entry.kind === "user");
    const memberGroups = entries.filter((entry) => entry.kind === "group");
    const members = checkMembers(options.groupType, { memberUsers, memberGroups });
    if ("message" in members)
      return { problem: `The members file is not valid: ${members.message}.` };
    return { members };
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message };
    throw error;
  }
}

function entriesOf(text: string, membersMax: number): readonly Entry[] {
  const whole = parsed(text);
  if (whole !== undefined) return documentEntries(whole, membersMax);
  const entries: Entry[] = [];
  let number = 0;
  for (const line of lines(text)) {
    number += 1;
    if (line.trim() === "") continue;
    const value = parsed(line);
    if (value === undefined) throw new Problem(`Line ${number} of the members file is not JSON.`);
    entries.push(lineEntry(value, `Line ${number}`));
    if (entries.length > membersMax) throw tooMany(membersMax);
  }
  if (entries.length === 0) throw new Problem("The members file is empty.");
  return entries;
}

/** Line by line, so that a large file is not held twice. */
function* lines(text: string): Generator<string> {
  for (let begin = 0; begin < text.length;) {
    const end = text.indexOf("\n", begin);
    yield end === -1 ? text.slice(begin) : text.slice(begin, end);
    begin = end === -1 ? text.length : end + 1;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function documentEntries(value: unknown, membersMax: number): readonly Entry[] {
  if (Array.isArray(value)) {
    if (value.length > membersMax) throw tooMany(membersMax);
    return value.map((one, i) => lineEntry(one, `Entry ${i + 1}`));
  }
  if (!isRecord(value)) throw new Problem("The members file is not a JSON object.");
  if ("type" in value) return [lineEntry(value, "Line 1")];
  const members = "groupMembers" in value ? value["groupMembers"] : value;
  const known = isRecord(members) && ("memberUsers" in members || "memberGroups" in members);
  if (!known) throw new Problem('The members file has neither "memberUsers" nor "memberGroups".');
  const users = listIn(members, "memberUsers");
  const groups = listIn(members, "memberGroups");
  if (users.length + groups.length > membersMax) throw tooMany(membersMax);
  return [
    ...users.map((one, i) => entryOf("user", one["userId"], one["type"], `memberUsers[${i}]`)),
    ...groups.map((one, i) =>
      entryOf("group", one["groupName"], one["type"], `memberGroups[${i}]`),
    ),
  ];
}

function listIn(
  members: Readonly<Record<string, unknown>>,
  name: string,
): readonly Readonly<Record<string, unknown>>[] {
  const list = members[name] ?? [];
  if (!Array.isArray(list) || !list.every(isRecord)) {
    throw new Problem(`"${name}" in the members file is not a list of objects.`);
  }
  return list;
}

function lineEntry(value: unknown, where: string): Entry {
  if (!isRecord(value)) throw new Problem(`${where} of the members file is not an object.`);
  const scope = value["membershipType"];
  if (value["type"] === "USER") {
    return entryOf("user", value["userId"] ?? value["id"], scope, where);
  }
  if (value["type"] === "GROUP") {
    return entryOf("group", value["groupName"] ?? value["id"], scope, where);
  }
  throw new Problem(`${where} of the members file has no "type" of USER or GROUP.`);
}

function entryOf(kind: Entry["kind"], name: unknown, type: unknown, where: string): Entry {
  if (typeof name !== "string" || !isName(name)) {
    throw new Problem(
      `${where} of the members file has no name of 1 to ${nameLengthMax} printable characters.`,
    );
  }
  if (type !== undefined && type !== "INDEX" && type !== "DATASOURCE") {
    throw new Problem(`${where} of the members file is of a type other than INDEX or DATASOURCE.`);
  }
  return kind === "user" ? { kind, userId: name, type } : { kind, groupName: name, type };
}

/** As the API has names of members: characters count, however many units they take. */
function isName(name: string): boolean {
  const begin = name.slice(0, 2 * nameLengthMax + 1);
  const isLong = name.length > nameLengthMax && [...begin].length > nameLengthMax;
  return name !== "" && !isLong && !/\p{C}/u.test(name);
}

function tooMany(membersMax: number): Problem {
  return new Problem(`The members file lists more than ${membersMax} members.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
