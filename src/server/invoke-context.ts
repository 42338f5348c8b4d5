import type { Caller, RequestFacts } from "../identity/identity.ts";

/** Who calls, and how the request came. */
export type InvokeContext = {
  readonly requestId: string;
  readonly caller: Caller;
  /** The visitor's session, where a page calls on a visitor's behalf. */
  readonly visitor?: string;
  readonly facts: RequestFacts;
  readonly signal: AbortSignal;
};
