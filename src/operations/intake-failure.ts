/** Why one document of a batch is not taken, while the others are. */
export type IntakeFailure = {
  readonly errorCode: "InvalidRequest" | "ResourceNotFound" | "ResourceInactive";
  readonly errorMessage: string;
};
