import type {
  CreateWebExperienceRequest,
  WebExperienceAuthConfiguration,
} from "../contract/contract.ts";
import type { Resource } from "../store/store.ts";
import type { Call } from "./call.ts";
import type { IdentityType } from "../contract/contract.ts";
import { invalid } from "./not-found.ts";

/** What is kept of a web experience besides its id, ARN, status and times. */
export type WebExperienceRecord = Omit<CreateWebExperienceRequest, "clientToken" | "tags"> & {
  readonly authenticationConfiguration?: WebExperienceAuthConfiguration;
};

/** A stored web experience. */
export type WebExperience = Resource<WebExperienceRecord>;

/** The site's address; stable, because trust policies and callbacks are made of it. */
export function defaultEndpointOf(
  call: Pick<Call, "publicUrl">,
  ids: { readonly applicationId: string; readonly webExperienceId: string },
): string {
  return `${call.publicUrl}/web/${ids.applicationId}/${ids.webExperienceId}/`;
}

/** Refuses members that only sites of signed-in users have. */
export function checkForIdentityType(
  identityType: IdentityType,
  members: {
    readonly identityProviderConfiguration?: unknown;
    readonly authenticationConfiguration?: unknown;
    readonly browserExtensionConfiguration?: unknown;
  },
): void {
  if (identityType !== "ANONYMOUS") return;
  const wrong = (
    [
      "identityProviderConfiguration",
      "authenticationConfiguration",
      "browserExtensionConfiguration",
    ] as const
  ).find((member) => members[member] !== undefined);
  if (wrong === undefined) return;
  throw invalid(wrong, "Member must be null for an application of identityType ANONYMOUS");
}
