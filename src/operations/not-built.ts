import type { OperationName } from "../contract/contract.ts";

/**
 * Operations of the contract that are not built, each with the part of the service it belongs to.
 * They answer one modelled error after authentication, and stand as missing in
 * docs/compatibility.md.
 */
export const notBuilt: { readonly [Name in OperationName]?: string } = {
  AssociatePermission: "data accessors and resource policies",
  CancelSubscription: "subscriptions",
  CreateChatResponseConfiguration: "response customisation",
  CreateDataAccessor: "data accessors and resource policies",
  CreatePlugin: "plugins",
  CreateSubscription: "subscriptions",
  DeleteAttachment: "conversations of signed-in users",
  DeleteChatControlsConfiguration: "chat controls",
  DeleteChatResponseConfiguration: "response customisation",
  DeleteDataAccessor: "data accessors and resource policies",
  DeletePlugin: "plugins",
  DisassociatePermission: "data accessors and resource policies",
  GetChatResponseConfiguration: "response customisation",
  GetDataAccessor: "data accessors and resource policies",
  GetMedia: "conversations of signed-in users",
  GetPlugin: "plugins",
  GetPolicy: "data accessors and resource policies",
  ListAttachments: "conversations of signed-in users",
  ListChatResponseConfigurations: "response customisation",
  ListDataAccessors: "data accessors and resource policies",
  ListPluginActions: "plugins",
  ListPluginTypeActions: "plugins",
  ListPluginTypeMetadata: "plugins",
  ListPlugins: "plugins",
  ListSubscriptions: "subscriptions",
  UpdateChatControlsConfiguration: "chat controls",
  UpdateChatResponseConfiguration: "response customisation",
  UpdateDataAccessor: "data accessors and resource policies",
  UpdatePlugin: "plugins",
  UpdateSubscription: "subscriptions",
};
