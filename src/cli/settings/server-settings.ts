import type { Flag } from "../arguments.ts";

/** A setting of the server: one fact, and the places where it may be written. */
export type ServerSetting = {
  /** Its key in a configuration file. */
  readonly key: string;
  /** Some settings are secrets: those have no flag, for command lines are visible to others. */
  readonly flag?: string;
  readonly env: string;
  readonly value: string;
  /** As help texts show it. */
  readonly default: string;
  readonly help: string;
  /** Repeated as a flag, separated by commas in the environment. */
  readonly isList?: true;
  /** In a file, its names may stand for lists and mappings. */
  readonly isNested?: true;
};

/** Every setting of the server, in the order in which help shows them. */
export const serverSettings = [
  {
    key: "host",
    flag: "--host",
    env: "QUARRY_HOST",
    value: "HOST",
    default: "127.0.0.1",
    help: "address to listen on",
  },
  {
    key: "port",
    flag: "--port",
    env: "QUARRY_PORT",
    value: "PORT",
    default: "8090",
    help: "port to listen on; 0 takes a free one",
  },
  {
    key: "data-dir",
    flag: "--data-dir",
    env: "QUARRY_DATA_DIR",
    value: "FOLDER",
    default: ".quarry",
    help: "folder of the database and the keys",
  },
  {
    key: "account-id",
    flag: "--account-id",
    env: "QUARRY_ACCOUNT_ID",
    value: "ID",
    default: "000000000000",
    help: "account id, 12 digits",
  },
  {
    key: "region",
    flag: "--region",
    env: "QUARRY_REGION",
    value: "REGION",
    default: "us-east-1",
    help: "Region that clients sign for",
  },
  {
    key: "root-access-key-id",
    env: "QUARRY_ROOT_ACCESS_KEY_ID",
    value: "ID",
    default: "made on first start",
    help: "the root user's access key id",
  },
  {
    key: "root-secret-access-key",
    env: "QUARRY_ROOT_SECRET_ACCESS_KEY",
    value: "SECRET",
    default: "made on first start",
    help: "its secret",
  },
  {
    key: "buckets",
    flag: "--bucket",
    env: "QUARRY_BUCKETS",
    value: "NAME=FOLDER",
    default: "none",
    help: "a folder as a bucket; may be repeated",
    isList: true,
  },
  {
    key: "hooks",
    flag: "--hook",
    env: "QUARRY_HOOKS",
    value: "ARN=URL",
    default: "none",
    help: "where a function that enriches documents is called; may be repeated",
    isList: true,
  },
  {
    key: "oidc-issuers",
    flag: "--oidc-issuer",
    env: "QUARRY_OIDC_ISSUERS",
    value: "NAME=URL",
    default: "https://NAME",
    help: "an OIDC provider's issuer, as its tokens write it, also in a closed network; may be repeated",
    isList: true,
  },
  {
    key: "zones",
    flag: "--zone",
    env: "QUARRY_ZONES",
    value: "SUBNET=MEMBERS",
    default: "none",
    help: "egress zone: vpc:ID availability-zone:NAME, and proxy:URL; may be repeated",
    isList: true,
    isNested: true,
  },
  {
    key: "security-groups",
    flag: "--security-group",
    env: "QUARRY_SECURITY_GROUPS",
    value: "ID=CIDR:PORT",
    default: "none",
    help: "destinations that data sources in a zone may reach; may be repeated",
    isList: true,
    isNested: true,
  },
  {
    key: "s3-endpoint",
    flag: "--s3-endpoint",
    env: "QUARRY_S3_ENDPOINT",
    value: "URL",
    default: "AWS",
    help: "S3-compatible store of all other buckets",
  },
  {
    key: "s3-credentials",
    flag: "--s3-credentials",
    env: "QUARRY_S3_CREDENTIALS",
    value: "MODE",
    default: "chain",
    help: "chain, or assume-role: each data source reads with a session of its own role",
  },
  {
    key: "sts-endpoint",
    flag: "--sts-endpoint",
    env: "QUARRY_STS_ENDPOINT",
    value: "URL",
    default: "AWS",
    help: "where those roles are assumed",
  },
  {
    key: "sts-external-id",
    flag: "--sts-external-id",
    env: "QUARRY_STS_EXTERNAL_ID",
    value: "ID",
    default: "none",
    help: "what the trust policies of those roles ask for as sts:ExternalId",
  },
  {
    key: "s3-acl-default",
    flag: "--s3-acl-default",
    env: "QUARRY_S3_ACL_DEFAULT",
    value: "allow|deny",
    default: "allow",
    help: "who sees what a bucket's ACL file does not list: everyone, as published, or nobody",
  },
  {
    key: "open-document-formats",
    flag: "--open-document-formats",
    env: "QUARRY_OPEN_DOCUMENT_FORMATS",
    value: "skip|read",
    default: "skip",
    help: "ODT, ODS and ODP files: skipped, as the service does, or read",
  },
  {
    key: "public-url",
    flag: "--public-url",
    env: "QUARRY_PUBLIC_URL",
    value: "URL",
    default: "http://HOST:PORT",
    help: "where browsers and clients reach the server",
  },
  {
    key: "tls-certificate",
    flag: "--tls-certificate",
    env: "QUARRY_TLS_CERTIFICATE",
    value: "FILE",
    default: "no TLS",
    help: "certificate chain, PEM",
  },
  {
    key: "tls-key",
    flag: "--tls-key",
    env: "QUARRY_TLS_KEY",
    value: "FILE",
    default: "no TLS",
    help: "its private key, PEM",
  },
  {
    key: "quotas",
    flag: "--quota",
    env: "QUARRY_QUOTAS",
    value: "NAME=NUMBER",
    default: "as published",
    help: "another figure for a quota, such as documentsPerUnit; may be repeated",
    isList: true,
  },
  {
    key: "database",
    flag: "--database",
    env: "QUARRY_DATABASE",
    value: "URL",
    default: "SQLite in the data dir",
    help: "not built yet",
  },
  {
    key: "search",
    flag: "--search",
    env: "QUARRY_SEARCH",
    value: "URL",
    default: "own engine in the data dir",
    help: "not built yet",
  },
  {
    key: "answer-model",
    flag: "--answer-model",
    env: "QUARRY_ANSWER_MODEL",
    value: "MODEL",
    default: "none",
    help: "none = answers are extracted from the documents",
  },
  {
    key: "embedding-model",
    flag: "--embedding-model",
    env: "QUARRY_EMBEDDING_MODEL",
    value: "MODEL",
    default: "none",
    help: "none = no vectors of a model",
  },
  {
    key: "log-level",
    flag: "--log-level",
    env: "QUARRY_LOG_LEVEL",
    value: "LEVEL",
    default: "info",
    help: "debug, info, warn or error; logs go to standard error",
  },
] as const satisfies readonly ServerSetting[];

/** Key of a setting. */
export type SettingKey = (typeof serverSettings)[number]["key"];

/** The flag that names a file with settings. */
export const configFlag: Flag = {
  name: "--config",
  value: "FILE",
  help: "YAML or JSON file of settings, named like the flags without dashes",
};

/** The settings as flags of `serve` and `start`. */
export const serverFlags: readonly Flag[] = [
  ...(serverSettings as readonly ServerSetting[]).flatMap((setting) => flagOf(setting) ?? []),
  configFlag,
];

function flagOf({ flag, value, help, isList, ...setting }: ServerSetting): Flag | undefined {
  if (flag === undefined) return undefined;
  const isRepeatable = isList === true;
  return { name: flag, value, isRepeatable, help: `${help} (${setting.env}; ${setting.default})` };
}
