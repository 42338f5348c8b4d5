import { createHash } from "node:crypto";
import { canonicalEmail } from "../core/email.ts";
import { anonymousViewer, type Viewer } from "../core/viewer.ts";
import { contextProviderArn, ownerOf, type SessionUser } from "../identity/identity.ts";
import { admit } from "../principals/principals.ts";
import { conversations, principals } from "../store/store.ts";
import { apiError, type ApiError } from "../wire/wire.ts";
import type { Application } from "./application.ts";
import { type Call, within } from "./call.ts";
import { requireActiveApplication } from "./not-found.ts";

/** Who asks: what they may find, and what their conversations are kept under. */
export type EndUser = {
  readonly viewer: Viewer;
  /** The visitor, the calling principal, or the person; never a session of any of them. */
  readonly owner: string;
};

/** Members by which some clients name the user; who somebody is never follows from them. */
export type UserMembers = {
  readonly userId?: string | undefined;
  readonly userGroups?: readonly string[] | undefined;
};

/**
 * The end user behind a call on an application ("Chat and conversation management for an Amazon Q
 * Business application using APIs", user guide). An anonymous application has none. For all others
 * an identity provider must have vouched for the person when the session was made: tags that
 * somebody gave a session say nothing. The first call of a person is their sign-in.
 *
 * @throws AccessDeniedException where nobody stands behind the credentials, or somebody else who has
 * the address now; ValidationException for a person's credentials on an anonymous application.
 */
export async function endUserOf(
  call: Call,
  application: Application,
  members: UserMembers,
): Promise<EndUser> {
  const { identityType } = application.record;
  if (identityType === "ANONYMOUS") return anonymousUser(call);
  const user =
    identityType === "AWS_IAM_IDC"
      ? centerUser(call, application, members)
      : oidcUser(call, application);
  const { email = "", groups = [] } = user;
  if (email.trim() === "") throw noEmail(identityType);
  await signIn(call, application.id, user, email);
  return {
    viewer: { kind: "user", email: canonicalEmail(email), groups },
    owner: conversations.ownerOfUser(digestOf(user)),
  };
}

/** As `endUserOf`, for operations that an anonymous application does not have. */
export async function signedInUserOf(
  call: Call,
  application: Application,
  members: UserMembers,
): Promise<EndUser> {
  const user = await endUserOf(call, application, members);
  if (user.viewer.kind === "user") return user;
  throw denied(
    "An application of identityType ANONYMOUS has no users, and keeps no conversations for them.",
  );
}

function anonymousUser({ caller, visitor }: Call): EndUser {
  if (caller.session?.user?.providerArn === contextProviderArn) {
    throw apiError("ValidationException", {
      message:
        "The application is of identityType ANONYMOUS; sign the request with credentials that are not identity-aware.",
      reason: "FIELD_VALIDATION_FAILED",
    });
  }
  return { viewer: anonymousViewer, owner: visitor ?? ownerOf(caller) };
}

/** Source of the refusal of `userId`: reports of what the service answers; its words are not copied. */
function centerUser(
  { caller }: Call,
  { record }: Application,
  { userId, userGroups }: UserMembers,
): SessionUser {
  if (userId !== undefined || userGroups !== undefined) {
    throw denied(
      "The user ID must be null, and the request be signed with identity-aware credentials, for an application of identityType AWS_IAM_IDC.",
    );
  }
  const user = caller.session?.user;
  const isOfInstance =
    user?.providerArn === contextProviderArn && user.audience === record.identityCenterInstanceArn;
  if (user !== undefined && isOfInstance) return user;
  throw denied(
    "The request is not signed with identity-aware credentials, which an application of identityType AWS_IAM_IDC needs. Assume a role with the identity context (ProvidedContexts) of a user of its identityCenterInstanceArn, and sign with the session.",
  );
}

function oidcUser({ caller }: Call, { record }: Application): SessionUser {
  const { identityType, iamIdentityProviderArn, clientIdsForOIDC = [] } = record;
  if (identityType !== "AWS_IAM_IDP_OIDC") {
    throw denied(
      `Quarry does not know the users of identityType ${identityType} yet; applications of identityType ANONYMOUS, AWS_IAM_IDP_OIDC and AWS_IAM_IDC answer.`,
    );
  }
  const user = caller.session?.user;
  const isOfProvider =
    user?.providerArn === iamIdentityProviderArn && clientIdsForOIDC.includes(user?.audience ?? "");
  if (user !== undefined && isOfProvider) return user;
  throw denied(
    "The request is not signed with credentials of a user of the application's identity provider. Get them with AssumeRoleWithWebIdentity and a token for one of the application's clients.",
  );
}

function noEmail(identityType: string): ApiError {
  return identityType === "AWS_IAM_IDC"
    ? denied("The identity context of the session names no e-mail address.")
    : denied("The session has no Email tag; the identity provider's token must bring it.");
}

/** Makes the user, or binds the one that is there to the person. */
async function signIn(
  call: Call,
  applicationId: string,
  user: SessionUser,
  email: string,
): Promise<void> {
  const subjectId = digestOf(user);
  const userId = canonicalEmail(email);
  const known = await principals.findUser(call.db.read, { applicationId, userId });
  if (known?.subjectId === subjectId) return;
  const verdict = await call.db.write(async (trx) => {
    await requireActiveApplication(within(call, trx), applicationId);
    return admit(trx, { applicationId, email, subjectId, at: call.now });
  });
  if (verdict === "admitted") return;
  throw denied(
    "Another person signed in with this e-mail address before. An administrator must delete that user first.",
  );
}

/** Names a person for ever, whatever their address. */
function digestOf({ providerArn, audience, subject }: SessionUser): string {
  // Directories number their people on their own; an issuer's people are the same for all clients.
  const directory = providerArn === contextProviderArn ? audience : undefined;
  const text = JSON.stringify([providerArn, directory, subject]);
  return createHash("sha256").update(text).digest("base64url");
}

function denied(message: string): ApiError {
  return apiError("AccessDeniedException", { message });
}
