import { jsonError, jsonShapes } from "../../wire/wire.ts";
import { askOfAll } from "./keys.ts";
import { kmsOperation } from "./kms-operation.ts";
import * as shapes from "./shapes.ts";

/** Unpredictable bytes ("GenerateRandom", AWS KMS API Reference). */
export const generateRandom = kmsOperation({
  input: jsonShapes.structure(
    {},
    {
      NumberOfBytes: shapes.numberOfBytes,
      CustomKeyStoreId: jsonShapes.text({ min: 1, max: 64 }),
      Recipient: shapes.recipient,
    },
  ),

  asks: () => askOfAll("kms:GenerateRandom"),

  async run({ NumberOfBytes: size, CustomKeyStoreId, Recipient }, call) {
    if (CustomKeyStoreId !== undefined || Recipient !== undefined) {
      const message = "Quarry does not support custom key stores and recipients.";
      throw jsonError("UnsupportedOperationException", message);
    }
    if (size === undefined) {
      throw jsonError("ValidationException", "Please specify number of bytes.");
    }
    return { Plaintext: call.ids.bytes(size) };
  },
});
