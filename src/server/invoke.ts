import type { InputOf, OperationName, OutputOf } from "../contract/contract.ts";
import { apiError, notImplemented } from "../wire/wire.ts";
import { type Call, type Operation, operations, type Services } from "../operations/operations.ts";
import { recordDenial } from "./access-denied.ts";
import type { InvokeContext } from "./invoke-context.ts";

/** Authorizes and runs one decoded call: what a signed request and a page have in common. */
export type Invoke = <Name extends OperationName>(
  operation: Name,
  input: InputOf<Name>,
  context: InvokeContext,
) => Promise<OutputOf<Name>>;

/**
 * Makes the one way to run an operation: the caller's policies are evaluated on every call, then
 * the operation runs.
 *
 * The returned function throws AccessDeniedException in the words of the policy that decides, and
 * one modelled error for operations that are not built.
 */
export function createInvoke(services: Services): Invoke {
  return async (name, input, context) => {
    const verdict = await services.identity.authorizeOperation(context.caller, {
      operation: name,
      input: input as Readonly<Record<string, unknown>>,
      facts: context.facts,
    });
    if (!verdict.isAllowed) {
      recordDenial(services.log, context, verdict);
      throw apiError("AccessDeniedException", { message: verdict.message });
    }
    const operation = operations[name] as Operation<typeof name> | undefined;
    if (operation === undefined) throw notImplemented(name);
    const call: Call = { ...services, ...context, now: context.facts.now };
    return operation(input, call);
  };
}
