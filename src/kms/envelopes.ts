import type { Clock } from "../core/clock.ts";
import { cacheLimits } from "./data-key-cache.ts";
import { contextBytes } from "../core/encryption-context.ts";
import { type DataKey, openEnvelope, sealEnvelope, wrappedKeyOf } from "./envelope.ts";
import type { DataKeyRequest, KeyRefusal, Kms } from "./port.ts";

/** Bytes that came through, or why they did not. */
export type Opened = { readonly ok: true; readonly bytes: Buffer } | KeyRefusal;

/** Content under a KMS key. */
export type Envelopes = {
  readonly seal: (request: DataKeyRequest, content: Uint8Array) => Promise<Opened>;
  readonly open: (request: DataKeyRequest, envelope: Uint8Array) => Promise<Opened>;
};

/** A data key encrypts at most so many envelopes; 2³² would be the end of its nonces. */
const usesMax = 2 ** 20;
const sendersMax = 1000;

/**
 * Seals and opens envelopes. Data keys are used again for some minutes, but every single envelope
 * asks whether the key may be used: what disables it counts from the next one on.
 */
export function createEnvelopes({
  kms,
  now,
}: {
  readonly kms: Kms;
  readonly now: Clock;
}): Envelopes {
  type Sending = { readonly key: DataKey; readonly stamp: string; readonly until: number };
  const sending = new Map<string, Sending & { uses: number }>();

  const keyFor = async (request: DataKeyRequest): Promise<DataKey | KeyRefusal> => {
    const permitted = await kms.permit("kms:GenerateDataKey", request);
    if (!permitted.ok) return permitted;
    const name = `${permitted.key.id} ${contextBytes(request.encryptionContext).toString("base64")}`;
    const known = sending.get(name);
    const at = now().getTime();
    if (known !== undefined && known.stamp === permitted.stamp && known.until > at) {
      known.uses += 1;
      if (known.uses <= usesMax) return known.key;
    }
    const made = await kms.generateDataKey(request);
    if (!made.ok) return made;
    const { plaintext, wrapped, stamp } = made;
    const key = { plaintext, wrapped };
    if (sending.size >= sendersMax) sending.clear();
    sending.set(name, { key, stamp, uses: 1, until: at + cacheLimits.ageMsMax });
    return key;
  };

  return {
    seal: async (request, content) => {
      const key = await keyFor(request);
      if ("ok" in key) return key;
      return { ok: true, bytes: sealEnvelope(key, request.encryptionContext, content) };
    },
    open: async (request, envelope) => {
      const wrapped = wrappedKeyOf(envelope);
      if (wrapped === undefined) return broken();
      const key = await kms.decryptDataKey({ ...request, wrapped });
      if (!key.ok) return key;
      const bytes = openEnvelope(key.plaintext, request.encryptionContext, envelope);
      return bytes === undefined ? broken() : { ok: true, bytes };
    },
  };
}

function broken(): KeyRefusal {
  const message = "The envelope was altered, or belongs to another place.";
  return { ok: false, reason: "invalidCiphertext", message };
}
