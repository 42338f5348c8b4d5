import type { InputOf, OperationName, OutputOf } from "../contract/contract.ts";
import type { Call } from "./call.ts";

/** One operation of the API: what happens between the decoded input and the output to encode. */
export type Operation<Name extends OperationName> = (
  input: InputOf<Name>,
  call: Call,
) => Promise<OutputOf<Name>>;
