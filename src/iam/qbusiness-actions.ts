// The authorization table of the service prefix `qbusiness`: for each action its level, the
// resources it touches, condition keys and dependent actions. Source: "Actions, resources, and
// condition keys for Amazon Q Business" in the service authorization reference; dependent actions
// that it leaves out follow from the API's own members (a role is passed, tags are given).

/** Resource types, from the application down; the words of ARNs differ from those of URLs. */
export const qbusinessResourceTypes = {
  app: { type: "application", parent: undefined, word: "application", id: "applicationId" },
  index: { type: "index", parent: "app", word: "index", id: "indexId" },
  ds: { type: "data-source", parent: "index", word: "data-source", id: "dataSourceId" },
  retriever: { type: "retriever", parent: "app", word: "retriever", id: "retrieverId" },
  plugin: { type: "plugin", parent: "app", word: "plugin", id: "pluginId" },
  web: { type: "web-experience", parent: "app", word: "web-experience", id: "webExperienceId" },
  accessor: { type: "data-accessor", parent: "app", word: "data-accessor", id: "dataAccessorId" },
  crc: {
    type: "chat-response-configuration",
    parent: "app",
    word: "chat-response-configuration",
    id: "chatResponseConfigurationId",
  },
  integration: { type: "integration", parent: "app", word: "integration", id: "integrationId" },
  sub: { type: "subscription", parent: "app", word: "subscription", id: "subscriptionId" },
} as const;

export type QBusinessResourceType = keyof typeof qbusinessResourceTypes;

export type ActionLevel = "read" | "list" | "write" | "tagging" | "permissions";

export interface QBusinessAction {
  readonly name: string;
  readonly level: ActionLevel;
  /** From the application to the target; empty for actions on `*`, undefined for any taggable. */
  readonly resources: readonly QBusinessResourceType[] | undefined;
  readonly conditionKeys: readonly string[];
  /** Actions that the caller needs besides, when the request has what they are about. */
  readonly dependentActions: readonly string[];
  /** Permission-only actions have no public operation. */
  readonly hasOperation: boolean;
}

// name, level, resources, condition keys, dependent actions
const table = `
AllowVendedLogDeliveryForResource permissions app             -        noOperation
AssociatePermission               write       app             -        putResourcePolicy
BatchDeleteDocument               write       app/index       -        -
BatchPutDocument                  write       app/index       -        passRole
CancelSubscription                write       app/sub         -        -
Chat                              read        app             -        -
ChatSync                          read        app             -        -
CheckDocumentAccess               read        app/index       -        -
CreateAnonymousWebExperienceUrl   write       app/web         -        -
CreateApplication                 write       -               tags     passRole tagResource
CreateChatResponseConfiguration   write       app             tags     tagResource
CreateDataAccessor                write       app             tags     tagResource
CreateDataAccessorWithTti         write       app             -        noOperation
CreateDataSource                  write       app/index       tags     passRole tagResource
CreateIndex                       write       app             tags     tagResource
CreateIntegration                 write       app             tags     noOperation
CreatePlugin                      write       app             tags     passRole tagResource
CreateRetriever                   write       app             tags     passRole tagResource
CreateSubscription                write       app             people   -
CreateUser                        write       app             -        -
CreateWebExperience               write       app             tags     passRole tagResource
DeleteApplication                 write       app             -        -
DeleteAttachment                  write       app             -        -
DeleteChatControlsConfiguration   write       app             -        -
DeleteChatResponseConfiguration   write       app/crc         -        -
DeleteConversation                write       app             -        -
DeleteDataAccessor                write       app/accessor    -        -
DeleteDataSource                  write       app/index/ds    -        -
DeleteGroup                       write       app/index       -        -
DeleteIndex                       write       app/index       -        -
DeleteIntegration                 write       app/integration -        noOperation
DeletePlugin                      write       app/plugin      -        -
DeleteRetriever                   write       app/retriever   -        -
DeleteUser                        write       app             -        -
DeleteWebExperience               write       app/web         -        -
DisableAclOnDataSource            write       app             -        noOperation
DisassociatePermission            write       app             -        -
GetApplication                    read        app             -        -
GetChatControlsConfiguration      list        app             -        -
GetChatResponseConfiguration      read        app/crc         -        -
GetDataAccessor                   read        app/accessor    -        -
GetDataSource                     read        app/index/ds    -        -
GetDocumentContent                read        app/index       -        -
GetGroup                          read        app/index       -        -
GetIndex                          read        app/index       -        -
GetIntegration                    read        app/integration -        noOperation
GetMedia                          read        app             -        -
GetPlugin                         read        app/plugin      -        -
GetPolicy                         read        app             -        -
GetRetriever                      read        app/retriever   -        -
GetUser                           read        app             -        -
GetWebExperience                  read        app/web         -        -
ListApplications                  list        -               -        -
ListAttachments                   list        app             -        -
ListChatResponseConfigurations    list        app             -        -
ListConversations                 list        app             -        -
ListDataAccessors                 list        app             -        -
ListDataSourceSyncJobs            list        app/index/ds    -        -
ListDataSources                   list        app/index       -        -
ListDocuments                     list        app/index       -        -
ListGroups                        list        app/index       -        -
ListIndices                       list        app             -        -
ListIntegrations                  list        app             -        noOperation
ListMessages                      list        app             -        -
ListPluginActions                 read        app/plugin      -        -
ListPluginTypeActions             read        -               -        -
ListPluginTypeMetadata            read        -               -        -
ListPlugins                       list        app             -        -
ListRetrievers                    list        app             -        -
ListSubscriptions                 list        app             -        -
ListTagsForResource               read        any             -        -
ListWebExperiences                list        app             -        -
PutFeedback                       write       app             -        -
PutGroup                          write       app/index       -        passRole
PutResourcePolicy                 write       app             -        noOperation
SearchRelevantContent             read        app             -        -
StartDataSourceSyncJob            write       app/index/ds    -        -
StartDeployment                   write       app/integration -        noOperation
StopDataSourceSyncJob             write       app/index/ds    -        -
TagResource                       tagging     any             tags     -
UntagResource                     tagging     any             tagKeys  -
UpdateApplication                 write       app             -        passRole
UpdateChatControlsConfiguration   write       app             -        -
UpdateChatResponseConfiguration   write       app/crc         -        -
UpdateDataAccessor                write       app/accessor    -        -
UpdateDataSource                  write       app/index/ds    -        passRole
UpdateIndex                       write       app/index       -        -
UpdateIntegration                 write       app/integration -        noOperation
UpdatePlugin                      write       app/plugin      -        passRole
UpdateRetriever                   write       app/retriever   -        passRole
UpdateSubscription                write       app/sub         -        -
UpdateUser                        write       app             -        -
UpdateWebExperience               write       app/web         -        passRole
`;

const keySets: Readonly<Record<string, readonly string[]>> = {
  "-": [],
  tags: ["aws:RequestTag/${TagKey}", "aws:TagKeys"],
  tagKeys: ["aws:TagKeys"],
  people: ["identitystore:UserId", "identitystore:GroupId"],
};

const dependents: Readonly<Record<string, string>> = {
  passRole: "iam:PassRole",
  tagResource: "qbusiness:TagResource",
  putResourcePolicy: "qbusiness:PutResourcePolicy",
};

function readRow(row: string): QBusinessAction {
  const cells = row.split(" ").filter((cell) => cell !== "");
  const [name = "", level = "", resources = "", keys = "", ...extras] = cells;
  const touched = resources === "any" ? undefined : resources.split("/").filter(isResourceType);
  const tagged = touched === undefined || touched.some((type) => type !== "sub");
  const keySet = keySets[keys];
  if (keySet === undefined || !isLevel(level)) throw new Error(`bad row: ${row}`);
  return {
    name,
    level,
    resources: touched,
    conditionKeys: tagged && resources !== "-" ? [...keySet, "aws:ResourceTag/${TagKey}"] : keySet,
    dependentActions: extras.flatMap((extra) => dependents[extra] ?? []),
    hasOperation: !extras.includes("noOperation"),
  };
}

function isResourceType(text: string): text is QBusinessResourceType {
  return Object.hasOwn(qbusinessResourceTypes, text);
}

function isLevel(text: string): text is ActionLevel {
  return ["read", "list", "write", "tagging", "permissions"].includes(text);
}

/** All actions of the service by name; every public operation has the action of its own name. */
export const qbusinessActions: ReadonlyMap<string, QBusinessAction> = new Map(
  table
    .trim()
    .split("\n")
    .map((row) => readRow(row))
    .map((action) => [action.name, action]),
);

/** Members of a request that hand a role to the service; each needs `iam:PassRole`. */
export const passRoleMembers: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    BatchPutDocument: [
      "roleArn",
      "documents[].documentEnrichmentConfiguration.preExtractionHookConfiguration.roleArn",
      "documents[].documentEnrichmentConfiguration.postExtractionHookConfiguration.roleArn",
    ],
    CreateApplication: ["roleArn"],
    UpdateApplication: ["roleArn"],
    CreateDataSource: dataSourceRoles(),
    UpdateDataSource: dataSourceRoles(),
    CreatePlugin: pluginRoles(),
    UpdatePlugin: pluginRoles(),
    CreateRetriever: ["roleArn"],
    UpdateRetriever: ["roleArn"],
    CreateWebExperience: webExperienceRoles(),
    UpdateWebExperience: [
      ...webExperienceRoles(),
      "authenticationConfiguration.samlConfiguration.roleArn",
    ],
    PutGroup: ["roleArn"],
  }),
);

function dataSourceRoles(): readonly string[] {
  const hooks = ["preExtractionHookConfiguration", "postExtractionHookConfiguration"];
  return ["roleArn", ...hooks.map((hook) => `documentEnrichmentConfiguration.${hook}.roleArn`)];
}

function pluginRoles(): readonly string[] {
  const kinds = [
    "basicAuthConfiguration",
    "oAuth2ClientCredentialConfiguration",
    "idcAuthConfiguration",
  ];
  return kinds.map((kind) => `authConfiguration.${kind}.roleArn`);
}

function webExperienceRoles(): readonly string[] {
  return ["roleArn", "identityProviderConfiguration.openIDConnectConfiguration.secretsRole"];
}
