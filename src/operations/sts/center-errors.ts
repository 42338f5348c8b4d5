/** Errors of CreateTokenWithIAM ("CreateTokenWithIAM", IAM Identity Center OIDC API Reference). */
const oauthNames = {
  AccessDeniedException: "access_denied",
  ExpiredTokenException: "expired_token",
  InternalServerException: "server_error",
  InvalidClientException: "invalid_client",
  InvalidGrantException: "invalid_grant",
  InvalidRequestException: "invalid_request",
  UnsupportedGrantTypeException: "unsupported_grant_type",
} as const;

/** A refusal on its way to a client of the directory's token endpoint. */
export class CenterError extends Error {
  override readonly name = "CenterError";
  readonly code: keyof typeof oauthNames;
  readonly status: number;
  /** What OAuth 2.0 calls it. */
  readonly oauthName: string;

  constructor(code: keyof typeof oauthNames, message: string) {
    super(message);
    this.code = code;
    this.oauthName = oauthNames[code];
    this.status =
      code === "InternalServerException" ? 500 : code === "InvalidClientException" ? 401 : 400;
  }
}
