/**
 * The end user whose access decides what is found. Not the IAM caller of the request.
 * Retrieval never runs without one.
 */
export type Viewer =
  | { readonly kind: "anonymous" }
  | {
      readonly kind: "user";
      /** Canonical e-mail (lower case, `+tag` dropped) as the identity provider asserted it. */
      readonly email: string;
      /** Group names the identity provider asserted; memberships of the user store come on top. */
      readonly groups: readonly string[];
    };

/** The visitor of an anonymous application: sees documents that have no access list. */
export const anonymousViewer: Viewer = { kind: "anonymous" };
