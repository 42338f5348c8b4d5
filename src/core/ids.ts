import { randomBytes, randomUUID } from "node:crypto";

/** Source of identifiers and secrets; injected, so that tests and simulations can be repeated. */
export type Ids = {
  /** A lower-case UUID: fits every `Id36` of the service. */
  readonly uuid: () => string;
  /** `sizeBytes` unpredictable bytes. */
  readonly bytes: (sizeBytes: number) => Buffer;
};

/** Identifiers from the machine's random source. */
export const systemIds: Ids = { uuid: () => randomUUID(), bytes: (size) => randomBytes(size) };
