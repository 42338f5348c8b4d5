// How big policies may be. White space does not count. Source: "IAM and AWS STS quotas" in the IAM
// user guide; an operator may raise them.

export interface PolicyQuotas {
  readonly managedPolicy: number;
  /** All inline policies of one entity together. */
  readonly inlineUser: number;
  readonly inlineGroup: number;
  readonly inlineRole: number;
  readonly trustPolicy: number;
  readonly sessionPolicy: number;
  readonly organizationPolicy: number;
}

export const defaultQuotas: PolicyQuotas = {
  managedPolicy: 6_144,
  inlineUser: 2_048,
  inlineGroup: 5_120,
  inlineRole: 10_240,
  trustPolicy: 2_048,
  sessionPolicy: 2_048,
  organizationPolicy: 5_120,
};

/** The characters of a document that count against its quota. */
export function countedCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) count += 1;
  }
  return count;
}

export interface QuotaQuestion {
  readonly quota: keyof PolicyQuotas;
  /** All documents that share the quota, the new one among them. */
  readonly documents: readonly string[];
  /** The user, group or role that inline policies belong to. */
  readonly entityName?: string;
  readonly quotas?: PolicyQuotas;
}

/** The service's LimitExceeded message when documents are too big together, else undefined. */
export function quotaRefusal({
  quota,
  documents,
  entityName = "",
  quotas = defaultQuotas,
}: QuotaQuestion): string | undefined {
  const limit = quotas[quota];
  const used = documents.reduce((sum, text) => sum + countedCharacters(text), 0);
  return used <= limit ? undefined : messages[quota](limit, entityName);
}

const inline =
  (kind: string) =>
  (limit: number, name: string): string =>
    `Maximum policy size of ${limit} bytes exceeded for ${kind} ${name}`;

const quotaMessage =
  (name: string) =>
  (limit: number): string =>
    `Cannot exceed quota for ${name}: ${limit}`;

const messages: Readonly<Record<keyof PolicyQuotas, (limit: number, name: string) => string>> = {
  managedPolicy: quotaMessage("PolicySize"),
  inlineUser: inline("user"),
  inlineGroup: inline("group"),
  inlineRole: inline("role"),
  trustPolicy: quotaMessage("ACLSizePerRole"),
  sessionPolicy: quotaMessage("SessionPolicySize"),
  organizationPolicy: quotaMessage("OrganizationPolicySize"),
};
