import type { AccessRefusal, Caller } from "../identity/identity.ts";
import type { KmsKey } from "../store/store.ts";
import type { EncryptionContext } from "../core/encryption-context.ts";

/** A service's or a principal's use of a key, from inside. */
export type DataKeyRequest = {
  readonly keyArn: string;
  readonly encryptionContext: EncryptionContext;
  /** Whose policies and grants decide: `serviceCaller`, or whoever the service acts for. */
  readonly caller: Caller;
  /** The service that acts on the caller's behalf: `qbusiness.us-east-1.amazonaws.com`. */
  readonly viaService?: string;
  /** The application that a service principal acts for. */
  readonly sourceArn?: string;
};

/** Why a key cannot be used. */
export type KeyRefusal = {
  readonly ok: false;
  readonly reason: "notFound" | "denied" | "disabled" | "pendingDeletion" | "invalidCiphertext";
  readonly message: string;
  readonly access?: AccessRefusal;
};

/** A key that may be used; `stamp` differs as soon as anything about the key does. */
export type Permit = { readonly ok: true; readonly key: KmsKey; readonly stamp: string };

/** What other modules use keys by. Each call asks anew whether it may. */
export type Kms = {
  readonly permit: (
    action: "kms:Decrypt" | "kms:GenerateDataKey",
    request: DataKeyRequest,
  ) => Promise<Permit | KeyRefusal>;
  /** A fresh AES-256 key, plain and wrapped. */
  readonly generateDataKey: (
    request: DataKeyRequest,
  ) => Promise<(Permit & { readonly plaintext: Buffer; readonly wrapped: Buffer }) | KeyRefusal>;
  readonly decryptDataKey: (
    request: DataKeyRequest & { readonly wrapped: Uint8Array },
  ) => Promise<(Permit & { readonly plaintext: Uint8Array }) | KeyRefusal>;
};
