import type { Members, Service } from "./client.ts";

/** What earlier steps have made: ids and ARNs by name. Unknown names give an id that nobody has. */
export type Known = {
  readonly get: (name: string) => string;
  readonly set: (name: string, value: unknown) => void;
};

/** One call of the scenario. */
export type Step = {
  readonly service: Service;
  readonly operation: string;
  readonly input: (known: Known) => Members;
  /** Remembers what later steps need. */
  readonly keep?: (output: Members, known: Known) => void;
  /** What the answer must hold; a text says what is wrong with it. */
  readonly check?: (output: Members) => string | undefined;
  /** The call is made again until this holds: for what the service does in the background. */
  readonly until?: (output: Members) => boolean;
  /** Who calls: the root user, or a user who may assume roles. */
  readonly as?: "helper";
  /** Refusals that are the right answer here, because the suite cannot make a success. */
  readonly refusals?: readonly string[];
  /** Prepares what is no part of the scenario's subject; not counted for its operation. */
  readonly isSetUp?: boolean;
};

/** An id that no resource has. */
export const unknownId = "00000000-dead-4bad-8bad-000000000000";

/** Starts to remember. */
export function createKnown(): Known {
  const values = new Map<string, string>();
  return {
    get: (name) => values.get(name) ?? unknownId,
    set: (name, value) => {
      if (typeof value === "string") values.set(name, value);
    },
  };
}
