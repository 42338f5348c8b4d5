import { apiError } from "./errors.ts";
import type { ApiError } from "./errors.ts";

const issuesMax = 100;
const messageLengthMax = 2048;
const pathLengthMax = 512;

/** What is wrong with a request, one entry per bad field, in the service's words. */
export type Issues = {
  /** Notes a broken constraint and gives undefined, the value of a field that has none. */
  readonly add: (path: string, constraint: string) => undefined;
  /** Whether enough is known; lists stop here, so that bad input cannot cost much. */
  readonly isFull: () => boolean;
  /** ValidationException (FIELD_VALIDATION_FAILED) with a field for each, or undefined. */
  readonly toError: () => ApiError | undefined;
};

/**
 * Gathers the broken constraints of one request. The wording is the one AWS services share:
 * `1 validation error detected: Value at 'x' failed to satisfy constraint: Member must …`.
 * Values are not repeated: they may be secrets.
 */
export function collectIssues(): Issues {
  const fields: { readonly name: string; readonly message: string }[] = [];
  return {
    add: (path, constraint) => {
      if (fields.length >= issuesMax) return undefined;
      const name = shorten(path, pathLengthMax);
      const message = `Value at '${name}' failed to satisfy constraint: ${constraint}`;
      fields.push({ name, message: shorten(message, messageLengthMax) });
      return undefined;
    },
    isFull: () => fields.length >= issuesMax,
    toError: () => {
      if (fields.length === 0) return undefined;
      const count = `${fields.length} validation error${fields.length === 1 ? "" : "s"} detected: `;
      const text = fields.map(({ message }) => message).join("; ");
      const message = shorten(count + text, messageLengthMax);
      return apiError("ValidationException", {
        message,
        reason: "FIELD_VALIDATION_FAILED",
        fields,
      });
    },
  };
}

function shorten(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1).toWellFormed()}…`;
}
