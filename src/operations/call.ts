import type { Answerer } from "../chat/chat.ts";
import type { Caller, Identity, RequestFacts } from "../identity/identity.ts";
import type { Ingestion } from "../ingestion/ingestion.ts";
import type { ContentVault } from "../core/content-cipher.ts";
import type { Ids } from "../core/ids.ts";
import type { Kms } from "../kms/kms.ts";
import type { Log } from "../core/log.ts";
import type { Network } from "../network/network.ts";
import type { Quotas } from "../core/quotas.ts";
import type { Search } from "../search/search.ts";
import type { Database, WriteTransaction } from "../store/store.ts";

/** What operations work with; made once by the composition root. */
export type Services = {
  readonly db: Database;
  readonly identity: Identity;
  readonly search: Search;
  readonly ingestion: Ingestion;
  readonly network: Pick<Network, "faultOf">;
  /** Keys of applications' content; asked before anything of it is read or written. */
  readonly vault: ContentVault;
  readonly kms: Kms;
  readonly answerer: Answerer;
  readonly ids: Ids;
  readonly log: Log;
  readonly quotas: Quotas;
  /** Region and partition of every ARN this installation makes. */
  readonly region: string;
  /** Where browsers reach the pages, without a slash at the end. */
  readonly publicUrl: string;
  /** Page tokens are signed with it. */
  readonly pageTokenKey: Uint8Array;
};

/** One request on its way through an operation. */
export type Call = Services & {
  readonly requestId: string;
  /** The IAM principal; not the end user. */
  readonly caller: Caller;
  /** Set where a page's visitor stands behind the call: owns the conversations of its session. */
  readonly visitor?: string;
  /** What the request says of itself, for condition keys. */
  readonly facts: RequestFacts;
  readonly now: Date;
  /** Aborted when the client goes away or the server has waited long enough. */
  readonly signal: AbortSignal;
};

/**
 * The same call, reading in a transaction: what was true before it began may not be any more, and
 * what it reads cannot change until it ends.
 */
export function within(call: Call, trx: WriteTransaction): Call {
  return { ...call, db: { ...call.db, read: trx } };
}
