// Every operation of the service, in an order in which each has what it needs.
import type { Members } from "./client.ts";
import type { Known, Step } from "./step.ts";

const question = "How many days of annual leave are there?";
const text =
  "Everybody has thirty days of annual leave. Leave is asked for a week before it begins.";
const userId = "ada@example.com";

type Options = Pick<Step, "keep" | "check" | "until" | "refusals">;

function step(operation: string, input: (known: Known) => Members, options: Options = {}): Step {
  return { service: "qbusiness", operation, input, ...options };
}

/** `step` for what lies in the application. */
function inApp(
  operation: string,
  input: (known: Known) => Members = () => ({}),
  options: Options = {},
): Step {
  return step(
    operation,
    (known) => ({ applicationId: known.get("application"), ...input(known) }),
    options,
  );
}

/** `step` for what lies in the index. */
function inIndex(
  operation: string,
  input: (known: Known) => Members = () => ({}),
  options: Options = {},
): Step {
  return inApp(operation, (known) => ({ indexId: known.get("index"), ...input(known) }), options);
}

const id =
  (member: string, name: string) =>
  (known: Known): Members => ({ [member]: known.get(name) });

const keep =
  (names: Readonly<Record<string, string>>): NonNullable<Step["keep"]> =>
  (output, known) => {
    for (const [member, name] of Object.entries(names)) known.set(name, output[member]);
  };

const lists =
  (member: string): NonNullable<Step["check"]> =>
  (output) =>
    Array.isArray(output[member]) && output[member].length > 0 ? undefined : `${member} is empty`;

const has =
  (...members: readonly string[]): NonNullable<Step["check"]> =>
  (output) => {
    const missing = members.filter((member) => output[member] === undefined);
    return missing.length === 0 ? undefined : `${missing.join(", ")} missing`;
  };

const active = ({ status }: Members): boolean => status === "ACTIVE";

const application: readonly Step[] = [
  step("CreateApplication", () => ({ displayName: "conformance", identityType: "ANONYMOUS" }), {
    keep: keep({ applicationId: "application", applicationArn: "applicationArn" }),
  }),
  inApp("GetApplication", undefined, { check: has("displayName", "createdAt"), until: active }),
  step("ListApplications", () => ({ maxResults: 100 }), { check: lists("applications") }),
  inApp("UpdateApplication", () => ({ description: "of the conformance suite" })),
  step("TagResource", (known) => ({
    resourceARN: known.get("applicationArn"),
    tags: [{ key: "suite", value: "conformance" }],
  })),
  step("ListTagsForResource", id("resourceARN", "applicationArn"), { check: lists("tags") }),
  step("UntagResource", (known) => ({
    resourceARN: known.get("applicationArn"),
    tagKeys: ["suite"],
  })),
];

const index: readonly Step[] = [
  inApp("CreateIndex", () => ({ displayName: "index" }), { keep: keep({ indexId: "index" }) }),
  inIndex("GetIndex", undefined, {
    check: has("status", "documentAttributeConfigurations"),
    until: active,
  }),
  inApp("ListIndices", undefined, { check: lists("indices") }),
  inIndex("UpdateIndex", () => ({ description: "changed" })),
  inApp(
    "CreateRetriever",
    (known) => ({
      displayName: "retriever",
      type: "NATIVE_INDEX",
      configuration: { nativeIndexConfiguration: { indexId: known.get("index") } },
    }),
    { keep: keep({ retrieverId: "retriever" }) },
  ),
  inApp("GetRetriever", id("retrieverId", "retriever"), {
    check: has("configuration"),
    until: active,
  }),
  inApp("ListRetrievers", undefined, { check: lists("retrievers") }),
  inApp("UpdateRetriever", (known) => ({
    retrieverId: known.get("retriever"),
    displayName: "changed",
  })),
  inIndex("BatchPutDocument", () => ({
    documents: [
      {
        id: "leave",
        title: "Leave",
        contentType: "PLAIN_TEXT",
        content: { blob: { $text: text } },
      },
    ],
  })),
  inIndex("ListDocuments", undefined, {
    check: lists("documentDetailList"),
    until: ({ documentDetailList }) =>
      (documentDetailList as readonly Members[]).some(({ status }) => status === "INDEXED"),
  }),
  // Visitors download nothing: the suite's application is an anonymous one.
  inIndex("GetDocumentContent", () => ({ documentId: "leave" }), {
    refusals: ["AccessDeniedException"],
  }),
];

const people: readonly Step[] = [
  inApp("CreateUser", () => ({ userId })),
  inApp("GetUser", () => ({ userId })),
  inApp("UpdateUser", () => ({ userId, userAliasesToUpdate: [{ userId: "ada" }] })),
  inIndex("PutGroup", () => ({
    groupName: "engineers",
    type: "INDEX",
    groupMembers: { memberUsers: [{ userId, type: "INDEX" }] },
  })),
  inIndex("GetGroup", () => ({ groupName: "engineers" })),
  inIndex("ListGroups", () => ({ updatedEarlierThan: { $time: "2100-01-01T00:00:00.000Z" } })),
  inIndex("CheckDocumentAccess", () => ({ userId, documentId: "leave" })),
  inIndex("DeleteGroup", () => ({ groupName: "engineers" })),
  inApp("DeleteUser", () => ({ userId })),
];

const trust = (known: Known): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["qbusiness.amazonaws.com", "application.qbusiness.amazonaws.com"] },
        Action: "sts:AssumeRole",
        Condition: { ArnLike: { "aws:SourceArn": known.get("applicationArn") } },
      },
    ],
  });

const role: readonly Step[] = [
  {
    service: "iam",
    operation: "CreateRole",
    isSetUp: true,
    input: (known) => ({
      RoleName: known.get("role"),
      AssumeRolePolicyDocument: trust(known),
    }),
    keep: ({ Role }, known) => known.set("roleArn", (Role as Members)["Arn"]),
  },
  {
    service: "iam",
    operation: "PutRolePolicy",
    isSetUp: true,
    input: (known) => ({
      RoleName: known.get("role"),
      PolicyName: "all",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["s3:*", "qbusiness:*"], Resource: "*" }],
      }),
    }),
  },
];

const inSource = (operation: string, options: Options = {}): Step =>
  inIndex(operation, id("dataSourceId", "dataSource"), options);

const source: readonly Step[] = [
  ...role,
  inIndex(
    "CreateDataSource",
    (known) => ({
      displayName: "source",
      roleArn: known.get("roleArn"),
      configuration: {
        type: "S3",
        syncMode: "FULL_CRAWL",
        version: "1.0.0",
        connectionConfiguration: {
          repositoryEndpointMetadata: { BucketName: known.get("bucket") },
        },
        repositoryConfigurations: {
          document: {
            fieldMappings: [
              {
                dataSourceFieldName: "s3_document_id",
                indexFieldName: "s3_document_id",
                indexFieldType: "STRING",
              },
            ],
          },
        },
      },
    }),
    { keep: keep({ dataSourceId: "dataSource" }) },
  ),
  inSource("GetDataSource", { check: has("configuration", "status"), until: active }),
  inIndex("ListDataSources", undefined, { check: lists("dataSources") }),
  inIndex("UpdateDataSource", (known) => ({
    dataSourceId: known.get("dataSource"),
    displayName: "changed",
  })),
  inSource("StartDataSourceSyncJob", { check: has("executionId") }),
  // A slow client finds the sync at its end already.
  inSource("StopDataSourceSyncJob", { refusals: ["ConflictException"] }),
  inSource("ListDataSourceSyncJobs", { check: lists("history") }),
];

const page: readonly Step[] = [
  inApp("CreateWebExperience", (known) => ({ title: "Ask", roleArn: known.get("roleArn") }), {
    keep: keep({ webExperienceId: "page" }),
  }),
  inApp("GetWebExperience", id("webExperienceId", "page"), { check: has("defaultEndpoint") }),
  inApp("ListWebExperiences", undefined, { check: lists("webExperiences") }),
  inApp("UpdateWebExperience", (known) => ({
    webExperienceId: known.get("page"),
    title: "Ask us",
  })),
  inApp("CreateAnonymousWebExperienceUrl", id("webExperienceId", "page"), {
    check: has("anonymousUrl"),
  }),
];

/** Visitors have no conversations to come back to: the suite's application refuses these. */
const forUsers: Options = { refusals: ["AccessDeniedException"] };

const conversation = id("conversationId", "conversation");
const message = (known: Known): Members => ({
  ...conversation(known),
  messageId: known.get("message"),
});

const chat: readonly Step[] = [
  inApp("ChatSync", () => ({ userMessage: question }), {
    keep: keep({ conversationId: "conversation", systemMessageId: "message" }),
    check: (output) => lists("sourceAttributions")(output) ?? has("systemMessage")(output),
  }),
  inApp(
    "Chat",
    () => ({
      inputStream: [{ textEvent: { userMessage: question } }, { endOfInputEvent: {} }],
    }),
    {
      check: ({ events }) =>
        (events as readonly Members[]).some(({ metadataEvent }) => metadataEvent !== undefined)
          ? undefined
          : "no metadataEvent",
    },
  ),
  inApp("PutFeedback", (known) => ({
    ...message(known),
    messageUsefulness: {
      usefulness: "USEFUL",
      submittedAt: { $time: "2026-01-01T00:00:00.000Z" },
    },
  })),
  inApp("SearchRelevantContent", (known) => ({
    queryText: question,
    contentSource: { retriever: { retrieverId: known.get("retriever") } },
  })),
  inApp("GetChatControlsConfiguration"),
  inApp("UpdateChatControlsConfiguration", () => ({
    blockedPhrasesConfigurationUpdate: { blockedPhrasesToCreateOrUpdate: ["forbidden"] },
  })),
  inApp("DeleteChatControlsConfiguration"),
  inApp("ListConversations", undefined, forUsers),
  inApp("ListMessages", conversation, forUsers),
  inApp("ListAttachments", conversation, forUsers),
  inApp(
    "DeleteAttachment",
    (known) => ({ ...conversation(known), attachmentId: known.get("attachment") }),
    forUsers,
  ),
  inApp("GetMedia", (known) => ({ ...message(known), mediaId: known.get("media") }), forUsers),
  inApp("DeleteConversation", conversation, forUsers),
];

const action = "qbusiness:SearchRelevantContent";
const principal = "arn:aws:iam::123456789012:role/vendor";
const responseConfigurations = { ALL: { instructionCollection: { responseLength: "short" } } };

const plugins: readonly Step[] = [
  inApp(
    "CreatePlugin",
    () => ({
      displayName: "plugin",
      type: "JIRA",
      serverUrl: "https://jira.example.com",
      authConfiguration: { noAuthConfiguration: {} },
    }),
    { keep: keep({ pluginId: "plugin" }) },
  ),
  inApp("GetPlugin", id("pluginId", "plugin")),
  inApp("ListPlugins"),
  inApp("ListPluginActions", id("pluginId", "plugin")),
  step("ListPluginTypeActions", () => ({ pluginType: "JIRA" })),
  step("ListPluginTypeMetadata", () => ({})),
  inApp("UpdatePlugin", (known) => ({ pluginId: known.get("plugin"), displayName: "changed" })),
  inApp("DeletePlugin", id("pluginId", "plugin")),
];

const sharing: readonly Step[] = [
  inApp("AssociatePermission", () => ({ statementId: "vendor", actions: [action], principal })),
  inApp("GetPolicy"),
  inApp("DisassociatePermission", () => ({ statementId: "vendor" })),
  inApp(
    "CreateDataAccessor",
    () => ({ displayName: "accessor", principal, actionConfigurations: [{ action }] }),
    { keep: keep({ dataAccessorId: "accessor" }) },
  ),
  inApp("GetDataAccessor", id("dataAccessorId", "accessor")),
  inApp("ListDataAccessors"),
  inApp("UpdateDataAccessor", (known) => ({
    dataAccessorId: known.get("accessor"),
    actionConfigurations: [{ action }],
  })),
  inApp("DeleteDataAccessor", id("dataAccessorId", "accessor")),
  inApp(
    "CreateSubscription",
    () => ({
      principal: { user: "0123456789-00000000-0000-4000-8000-000000000000" },
      type: "Q_LITE",
    }),
    { keep: keep({ subscriptionId: "subscription" }) },
  ),
  inApp("ListSubscriptions"),
  inApp("UpdateSubscription", (known) => ({
    subscriptionId: known.get("subscription"),
    type: "Q_BUSINESS",
  })),
  inApp("CancelSubscription", id("subscriptionId", "subscription")),
  inApp(
    "CreateChatResponseConfiguration",
    () => ({ displayName: "short", responseConfigurations }),
    { keep: keep({ chatResponseConfigurationId: "response" }) },
  ),
  inApp("GetChatResponseConfiguration", id("chatResponseConfigurationId", "response")),
  inApp("ListChatResponseConfigurations"),
  inApp("UpdateChatResponseConfiguration", (known) => ({
    chatResponseConfigurationId: known.get("response"),
    responseConfigurations,
  })),
  inApp("DeleteChatResponseConfiguration", id("chatResponseConfigurationId", "response")),
];

const end: readonly Step[] = [
  inIndex("BatchDeleteDocument", () => ({ documents: [{ documentId: "leave" }] })),
  inSource("DeleteDataSource"),
  inApp("DeleteWebExperience", id("webExperienceId", "page")),
  inApp("DeleteRetriever", id("retrieverId", "retriever")),
  inIndex("DeleteIndex"),
  inApp("DeleteApplication"),
];

/** All steps. */
export const qbusinessSteps: readonly Step[] = [
  ...application,
  ...index,
  ...people,
  ...source,
  ...page,
  ...chat,
  ...plugins,
  ...sharing,
  ...end,
];
