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
};
