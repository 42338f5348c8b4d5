import type { Log } from "../../core/log.ts";
import type { Quotas } from "../../core/quotas.ts";
import type { Identity } from "../../identity/identity.ts";
import type { Network } from "../../network/network.ts";
import type { Objects } from "../../objects/objects.ts";
import type { DecryptObject } from "../role-access.ts";
import type { Pipeline } from "../pipeline.ts";
import type { Reports } from "../report/report.ts";

/** What sync jobs work with. */
export type SyncServices = Pipeline & {
  readonly identity: Identity;
  readonly objects: Objects;
  readonly network: Network;
  readonly region: string;
  readonly log: Log;
  /** Who may read objects that are encrypted with keys of our own. */
  readonly decryptObject?: DecryptObject;
  readonly temporaryDir: string;
  readonly reports: Pick<Reports, "unchanged">;
  /** How much an index takes. */
  readonly quotas: Pick<Quotas, "documentsPerUnit" | "textBytesPerUnit">;
  /** Functions that enrich documents: ARN -> URL. */
  readonly hooks?: Readonly<Record<string, string>> | undefined;
  /** The address people reach an object at; undefined where a bucket has none. */
  readonly sourceUriOf: (bucket: string, key: string) => string | undefined;
  /** What a prefix that the ACL file does not list means: published is `allow`. */
  readonly unlistedPrefixes: "allow" | "deny";
};
