import type {
  QueryAction,
  QueryInputOf,
  QueryOutputOf,
  QueryService,
} from "../../contract/contract.ts";
import type { AccessQuestion, Caller } from "../../identity/identity.ts";
import type { WriteTransaction } from "../../store/store.ts";
import type { Call } from "../call.ts";

/** What the actions of the query services work with. */
export type QueryCall = Pick<
  Call,
  "db" | "identity" | "ids" | "caller" | "facts" | "now" | "pageTokenKey" | "quotas"
>;

/** One thing that the caller must be allowed before the action runs. */
export type QueryQuestion = Omit<AccessQuestion, "facts">;

/** One action of IAM or STS: the access rule, and what happens once it is met. */
export type QueryOperation<Service extends QueryService, Action extends QueryAction<Service>> = {
  /** Unsigned actions: who calls, proven by what the input carries. Signed ones have none. */
  readonly proves?: (input: QueryInputOf<Service, Action>, call: QueryCall) => Promise<Caller>;
  /** Each must be allowed; none at all: whoever has signed may call. */
  readonly asks: (
    input: QueryInputOf<Service, Action>,
    call: QueryCall,
  ) => Promise<readonly QueryQuestion[]>;
  /** What a refused caller reads instead of the full reason. */
  readonly denial?: (input: QueryInputOf<Service, Action>, call: QueryCall) => string;
  readonly run: (
    input: QueryInputOf<Service, Action>,
    call: QueryCall,
  ) => Promise<QueryOutputOf<Service, Action>>;
};

/** Runs a change of users, roles, keys or policies; it counts from the next decision on. */
export async function change<T>(
  call: QueryCall,
  run: (trx: WriteTransaction) => Promise<T>,
): Promise<T> {
  const result = await call.db.write(run);
  call.identity.invalidate();
  return result;
}
