import { decodeAuthorizationMessage } from "../../identity/identity.ts";
import { queryError } from "../../wire/wire.ts";
import { askOfAll } from "../iam/entities.ts";
import type { QueryOperation } from "../iam/query-operation.ts";

/**
 * Says what an encoded authorization message holds ("DecodeAuthorizationMessage", AWS STS API
 * Reference). In the real service some operations of Amazon EC2 and a few others put such a message
 * into their errors; those of Amazon Q Business, IAM, STS and KMS do not, so no error of ours
 * carries one either. What can be decoded here are messages of this installation, made of a refusal
 * with `encodeAuthorizationMessage`; those of AWS, of another installation, altered ones and those
 * older than a day are refused alike.
 *
 * Errors: InvalidAuthorizationMessageException.
 */
export const decodeMessage: QueryOperation<"sts", "DecodeAuthorizationMessage"> = {
  asks: () => askOfAll("sts:DecodeAuthorizationMessage"),

  async run({ EncodedMessage }, { identity, now }) {
    const text = decodeAuthorizationMessage(identity.sealingKey, EncodedMessage, now);
    if (text !== undefined) return { DecodedMessage: text };
    const message = "The message is not an authorization message of this service, or has expired.";
    throw queryError("InvalidAuthorizationMessageException", message);
  },
};
