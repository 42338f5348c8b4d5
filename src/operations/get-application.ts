import type { AutoSubscriptionConfiguration } from "../contract/contract.ts";
import type { ApplicationRecord } from "./application.ts";
import { requireApplication } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { centerApplicationArn } from "./sts/center-application.ts";

/** Reads an application ("GetApplication", API reference). */
export const getApplication: Operation<"GetApplication"> = async (input, call) => {
  const { record, ...application } = await requireApplication<ApplicationRecord>(
    call,
    input.applicationId,
  );
  return {
    displayName: record.displayName,
    applicationId: application.id,
    applicationArn: application.arn,
    identityType: record.identityType,
    iamIdentityProviderArn: record.iamIdentityProviderArn,
    identityCenterApplicationArn: centerApplicationArn({ ...application, record }),
    roleArn: record.roleArn,
    status: application.status as "ACTIVE" | "DELETING",
    description: record.description,
    createdAt: application.createdAt,
    updatedAt: application.updatedAt,
    attachmentsConfiguration: record.attachmentsConfiguration ?? {
      attachmentsControlMode: "DISABLED",
    },
    qAppsConfiguration: record.qAppsConfiguration,
    personalizationConfiguration: record.personalizationConfiguration,
    autoSubscriptionConfiguration: record.autoSubscriptionConfiguration as
      | AutoSubscriptionConfiguration
      | undefined,
    encryptionConfiguration: record.encryptionConfiguration,
    clientIdsForOIDC: record.clientIdsForOIDC,
    quickSightConfiguration: record.quickSightConfiguration,
  };
};
