/** Why a document could not be read. */
export type FailureCode =
  | "encrypted"
  | "corrupt"
  | "unsafe"
  | "tooLarge"
  | "timeout"
  | "memory"
  | "empty"
  | "crashed"
  | "unreadable"
  | "aborted";

/**
 * Carries an expected failure from deep inside a reader to `extractDocument`, which turns it into a
 * value. `message` is one sentence for the person who owns the document: what is wrong, what to do.
 */
export class DocumentFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, reason: string) {
    super(reason);
    this.name = "DocumentFailure";
    this.code = code;
  }
}
