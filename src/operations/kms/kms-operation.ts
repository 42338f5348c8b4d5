import type { AccessQuestion } from "../../identity/identity.ts";
import type { Structure } from "../../wire/wire.ts";
import type { Call } from "../call.ts";

/** What the operations of the KMS work with. */
export type KmsCall = Pick<
  Call,
  "db" | "identity" | "ids" | "caller" | "facts" | "now" | "pageTokenKey" | "region"
>;

/** One thing that the caller must be allowed before the operation runs. */
export type KmsQuestion = Omit<AccessQuestion, "facts">;

/** One operation of the KMS API: what it takes, the access rule, and what happens once it is met. */
export type KmsOperation<Input, Output> = {
  readonly input: Structure<Input>;
  /** Each must be allowed. */
  readonly asks: (input: Input, call: KmsCall) => Promise<readonly KmsQuestion[]>;
  readonly run: (input: Input, call: KmsCall) => Promise<Output>;
};

/** Lets the compiler find the types of an operation's input and output. */
export function kmsOperation<Input, Output>(
  operation: KmsOperation<Input, Output>,
): KmsOperation<Input, Output> {
  return operation;
}
