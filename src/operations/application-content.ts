import { type ContentCipher, ContentLockedError } from "../core/content-cipher.ts";
import { contentContext, type ContentKeyRecord } from "../kms/kms.ts";
import { resources } from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";

/**
 * What an application's content is read and written with, if that is allowed at this moment: the
 * service needs its grant, and the role of a page needs `kms:Decrypt` through the service ("Setting
 * up a web experience", Amazon Q Business user guide). Never within a write transaction.
 *
 * @throws AccessDeniedException with the reason of the KMS.
 */
export async function contentOf(call: Call, applicationId: string): Promise<ContentCipher> {
  const cipher = await unlocked(call.vault.cipherOf(applicationId));
  if (cipher.keys !== undefined && call.visitor !== undefined) await checkRole(call, applicationId);
  return cipher;
}

/** Waits for something that needs a key; where the key may not be used, that is the answer. */
export async function unlocked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ContentLockedError)) throw error;
    throw apiError("AccessDeniedException", { message: error.message }, { cause: error });
  }
}

/** How the service names itself in calls that it makes for others. */
export function viaServiceOf({ region }: Pick<Call, "region">): string {
  return `qbusiness.${region}.amazonaws.com`;
}

async function checkRole(call: Call, applicationId: string): Promise<void> {
  const { db, kms, caller } = call;
  const found = await resources.find<ContentKeyRecord>(db.read, "application", applicationId);
  const keyArn = found?.record.contentKey?.keyArn ?? "";
  const encryptionContext = contentContext(applicationId);
  const viaService = viaServiceOf(call);
  const permitted = await kms.permit("kms:Decrypt", {
    keyArn,
    encryptionContext,
    caller,
    viaService,
  });
  if (!permitted.ok) throw apiError("AccessDeniedException", { message: permitted.message });
}
