import type { CreateApplicationRequest, IdentityType } from "../contract/contract.ts";
import type { ContentKeyRecord } from "../kms/kms.ts";
import type { Resource } from "../store/store.ts";

/** Identity type of an application that was created without one. */
export const identityTypeDefault: IdentityType = "AWS_IAM_IDC";

/** What is kept of an application besides its id, ARN, status and times. */
export type ApplicationRecord = Omit<
  CreateApplicationRequest,
  "clientToken" | "tags" | "identityType"
> &
  ContentKeyRecord & {
    readonly identityType: IdentityType;
    readonly autoSubscriptionConfiguration?: unknown;
  };

/** A stored application. */
export type Application = Resource<ApplicationRecord>;
