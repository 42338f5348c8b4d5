import { type Resource, resources, type WriteTransaction } from "../store/store.ts";
import type { Call } from "./call.ts";
import { conflict, notFound, resourceTypes } from "./not-found.ts";

/**
 * Marks a resource as DELETING and leaves the rest to a job, because what hangs below it may be
 * large; a crash in between only delays it. Answers stop using it at once.
 *
 * @throws ConflictException where its deletion has begun already.
 */
export async function startRemoval(
  call: Call,
  resource: Resource<unknown>,
  also?: (trx: WriteTransaction) => Promise<void>,
): Promise<void> {
  await call.db.write(async (trx) => {
    const current = await resources.find(trx, resource.kind, resource.id);
    const type = resourceTypes[resource.kind];
    if (current === undefined) throw notFound(type, resource.id);
    if (current.status === "DELETING") {
      throw conflict(type, resource.id, `The ${type} ${resource.id} is being deleted already.`);
    }
    await resources.update(trx, resource.id, { status: "DELETING", at: call.now });
    await also?.(trx);
    await call.ingestion.enqueueRemoval(trx, resource, call.now);
  });
  call.ingestion.wake();
}
