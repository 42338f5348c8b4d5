// Reads one file of members in a thread: parsing a hundred thousand of them takes a while, and the
// bytes are somebody else's.
import { parentPort, workerData } from "node:worker_threads";
import type { MemberPiece } from "../store/store.ts";
import { encodeMembers, type MembershipType } from "./members.ts";
import { readMembersText } from "./members-text.ts";

/** What the thread is given. */
export type MembersThreadInput = {
  readonly bytes: Uint8Array;
  readonly groupType: MembershipType;
  readonly membersMax: number;
};

const { bytes, groupType, membersMax } = workerData as MembersThreadInput;

function read(): { readonly pieces: readonly MemberPiece[] } | { readonly problem: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return { problem: "The members file is not UTF-8." };
    throw error;
  }
  const result = readMembersText(text, { groupType, membersMax });
  return "problem" in result ? result : { pieces: encodeMembers(result.members) };
}

parentPort?.postMessage(read());
