import { type IamEntity, iamStore, type Readable } from "../../store/store.ts";

/** Users or groups by their ids; those deleted in between are left out. */
export async function entitiesOf(
  db: Readable,
  ids: readonly string[],
): Promise<readonly IamEntity[]> {
  const found = await Promise.all(ids.map((id) => iamStore.findEntityById(db, id)));
  return found.filter((entity) => entity !== undefined);
}
