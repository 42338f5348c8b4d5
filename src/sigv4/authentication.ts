import type { HeaderIndex } from "./headers.ts";
import type { Refusal } from "./refusal.ts";
import type { Scope } from "./request.ts";
import type { Target } from "./target.ts";

/** What a request says about who signed it, and the parts of it that were signed. */
export type Authentication = {
  /** In the `Authorization` header, or in the query of a presigned URL. */
  readonly form: "header" | "query";
  readonly accessKeyId: string;
  readonly scope: Scope & { readonly terminator: string };
  /** Lower case, sorted, without repetition. */
  readonly signedHeaders: readonly string[];
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
  /** `yyyymmddThhmmssZ`, as it was signed. */
  readonly dateTime: string;
  /** The same, in milliseconds since 1970. */
  readonly timeMs: number;
  /** How long a presigned URL is good for, from `timeMs` on. */
  readonly expiresSeconds?: number;
  readonly sessionToken?: string;
  /** The value of `x-amz-content-sha256`, when there is one: 64 hex digits or a keyword. */
  readonly declaredPayloadHash?: string;
  readonly request: {
    readonly method: string;
    readonly target: Target;
    readonly headers: HeaderIndex;
  };
};

/** Either form read, or why not. */
export type ParsedAuthentication =
  | { readonly ok: true; readonly authentication: Authentication }
  | { readonly ok: false; readonly refusal: Refusal };

/** The fields that both forms carry, as text and not yet looked at. */
export type AuthenticationFields = {
  readonly form: "header" | "query";
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly expires?: string;
  readonly sessionToken?: string;
  readonly declaredPayloadHash?: string;
};
