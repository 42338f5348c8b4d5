import {
  type EncryptionContext,
  type KeyStore,
  keyOfCiphertext,
  readHeader,
} from "../../kms/kms.ts";
import { jsonError } from "../../wire/wire.ts";
import { checkGrantTokens } from "./grant-token.ts";
import { askKey, type NamedKey, requireKey } from "./keys.ts";
import type { KmsCall, KmsQuestion } from "./kms-operation.ts";
import { kmsLimits } from "./limits.ts";

export const symmetric = "SYMMETRIC_DEFAULT";

/** What all cryptographic operations take. */
type CryptoInput = {
  readonly GrantTokens?: readonly string[] | undefined;
  readonly Recipient?: unknown;
};

/** Key material of the installation. */
export function keyStoreOf({ db, identity }: KmsCall): KeyStore {
  return { db, sealingKey: identity.sealingKey };
}

/**
 * Checks an encryption context. Two names that differ only by case would be one condition key, so
 * that a policy could look at the wrong one of the two: the service takes them, we do not.
 *
 * @throws JsonError ValidationException.
 */
export function checkContext(context: EncryptionContext | undefined): EncryptionContext {
  const pairs = Object.entries(context ?? {});
  const size = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > kmsLimits.encryptionContextCharacters) {
    throw jsonError("ValidationException", "The encryption context is too long.");
  }
  if (new Set(pairs.map(([name]) => name.toLowerCase())).size < pairs.length) {
    const message = "Names of the encryption context must differ by more than case.";
    throw jsonError("ValidationException", message);
  }
  return context ?? {};
}

/**
 * Refuses what symmetric keys cannot do, and what is not built.
 *
 * @throws JsonError InvalidKeyUsageException, UnsupportedOperationException.
 */
function checkCrypto(call: KmsCall, input: CryptoInput, algorithm: string): void {
  checkGrantTokens(call, input.GrantTokens);
  if (algorithm !== symmetric) {
    const message = `${algorithm} is not compatible with the key spec ${symmetric}.`;
    throw jsonError("InvalidKeyUsageException", message);
  }
  if (input.Recipient !== undefined) {
    throw jsonError("UnsupportedOperationException", "Recipients (enclaves) are not supported.");
  }
}

/** The question of an operation that encrypts with a named key. */
export async function askToEncrypt(
  call: KmsCall,
  input: CryptoInput & {
    readonly KeyId: string;
    readonly EncryptionContext?: EncryptionContext | undefined;
  },
  {
    action,
    algorithm = symmetric,
  }: { readonly action: string; readonly algorithm?: string | undefined },
): Promise<readonly KmsQuestion[]> {
  checkCrypto(call, input, algorithm);
  const encryptionContext = checkContext(input.EncryptionContext);
  const serviceKeys = { "kms:EncryptionAlgorithm": symmetric };
  const naming = { keyId: input.KeyId, takesAliases: true };
  return askKey(call, naming, { action, encryptionContext, serviceKeys });
}

/** A ciphertext that a call wants opened, and the key that the call thinks it is of. */
export type CiphertextInput = CryptoInput & {
  readonly ciphertext: Uint8Array | undefined;
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  readonly context: EncryptionContext | undefined;
};

/**
 * The key of a ciphertext. Whoever names a key means no other.
 *
 * @throws JsonError InvalidCiphertextException, IncorrectKeyException, AccessDeniedException, …
 */
export async function requireCiphertextKey(
  call: KmsCall,
  input: CiphertextInput,
): Promise<NamedKey & { readonly ciphertext: Uint8Array }> {
  const { ciphertext, keyId, algorithm = symmetric, context } = input;
  checkCrypto(call, input, algorithm);
  checkContext(context);
  if (ciphertext === undefined) {
    throw jsonError(
      "ValidationException",
      "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    );
  }
  if (readHeader(ciphertext) === undefined) throw invalidCiphertext();
  const named =
    keyId === undefined
      ? undefined
      : await requireKey(call.db.read, call, { keyId, takesAliases: true });
  const key = await keyOfCiphertext(call.db, ciphertext, call.now);
  if (named !== undefined && named.key.id !== key?.id) {
    const message =
      "The key ID in the request does not identify a CMK that can perform this operation.";
    throw jsonError("IncorrectKeyException", message);
  }
  if (key === undefined || key.accountId !== call.caller.accountId) {
    const message =
      "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
    throw jsonError("AccessDeniedException", message);
  }
  return { key, requestAlias: named?.requestAlias, ciphertext };
}

/** InvalidCiphertextException: which part does not fit is nobody's business. */
export function invalidCiphertext(): Error {
  const message = "The ciphertext is corrupted, or its key or encryption context is another.";
  return jsonError("InvalidCiphertextException", message);
}
