/**
 * Counts and sizes that the service bounds ("Quotas for Amazon Q Business"), as defaults that an
 * operator may change. Lengths and ranges of single members are the contract's, not these.
 */
export type Quotas = {
  readonly applicationsPerAccount: number;
  readonly dataSourcesPerApplication: number;
  readonly tagsPerResource: number;
  /** Index units hold this many documents each, or `textBytesPerUnit`, whichever comes first. */
  readonly documentsPerUnit: number;
  readonly textBytesPerUnit: number;
  readonly unitsPerStarterIndex: number;
  readonly unitsPerEnterpriseIndex: number;
  readonly userMessageCharactersMax: number;
  /** Anonymous links that may wait to be opened, per web experience (our choice). */
  readonly openLinksPerWebExperience: number;
  /** Conversations of anonymous visitors end when nobody went on with them for so long. */
  readonly anonymousConversationIdleMinutes: number;
  /** Members of a group in one call; more of them come in a file. */
  readonly inlineMembersPerGroup: number;
  /** Names that a user goes by, over all calls (our choice; one call takes 100). */
  readonly aliasesPerUser: number;
  readonly iam: IamQuotas;
};

/** What IAM and STS bound ("IAM and AWS STS quotas", IAM User Guide). */
export type IamQuotas = {
  readonly rolesPerAccount: number;
  readonly usersPerAccount: number;
  readonly groupsPerAccount: number;
  readonly policiesPerAccount: number;
  readonly groupsPerUser: number;
  readonly accessKeysPerUser: number;
  readonly tagsPerEntity: number;
  readonly versionsPerPolicy: number;
  readonly attachedPerEntity: number;
  /** Characters without white space. */
  readonly trustPolicyCharacters: number;
  readonly managedPolicyCharacters: number;
  /** Of all inline policies of one together. */
  readonly inlineCharactersPerRole: number;
  readonly inlineCharactersPerUser: number;
  readonly inlineCharactersPerGroup: number;
  readonly sessionPolicyArns: number;
  readonly sessionPolicyCharacters: number;
};

const mebibyte = 1024 * 1024;

/** The published figures. */
export const publishedQuotas: Quotas = {
  applicationsPerAccount: 50,
  dataSourcesPerApplication: 50,
  tagsPerResource: 50,
  documentsPerUnit: 20_000,
  textBytesPerUnit: 200 * mebibyte,
  unitsPerStarterIndex: 5,
  unitsPerEnterpriseIndex: 50,
  userMessageCharactersMax: 7000,
  openLinksPerWebExperience: 1000,
  anonymousConversationIdleMinutes: 60,
  inlineMembersPerGroup: 1000,
  aliasesPerUser: 1000,
  iam: {
    rolesPerAccount: 1000,
    usersPerAccount: 5000,
    groupsPerAccount: 300,
    policiesPerAccount: 1500,
    groupsPerUser: 10,
    accessKeysPerUser: 2,
    tagsPerEntity: 50,
    versionsPerPolicy: 5,
    attachedPerEntity: 10,
    trustPolicyCharacters: 2048,
    managedPolicyCharacters: 6144,
    inlineCharactersPerRole: 10_240,
    inlineCharactersPerUser: 2048,
    inlineCharactersPerGroup: 5120,
    sessionPolicyArns: 10,
    sessionPolicyCharacters: 2048,
  },
};

/** Largest number that a quota may be set to. */
export const quotaMax = 1_000_000_000_000;

/** Every quota by its name; those of IAM as `iam.NAME`. */
export const quotaNames: readonly string[] = [
  ...Object.keys(publishedQuotas).filter((name) => name !== "iam"),
  ...Object.keys(publishedQuotas.iam).map((name) => `iam.${name}`),
];

/** The published figures with some of them changed, by the names of `quotaNames`. */
export function quotasWith(changes: Readonly<Record<string, number>>): Quotas {
  const { iam, ...own } = publishedQuotas;
  const changed = <Q extends Readonly<Record<string, number>>>(quotas: Q, prefix: string): Q => {
    const entries = Object.entries(quotas).map(([name, published]) => {
      const key = prefix + name;
      return [name, (Object.hasOwn(changes, key) ? changes[key] : undefined) ?? published] as const;
    });
    return Object.fromEntries(entries) as Q;
  };
  return { ...changed(own, ""), iam: changed(iam, "iam.") };
}
