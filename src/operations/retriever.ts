import type {
  CreateRetrieverRequest,
  RetrieverConfiguration,
  RetrieverType,
} from "../contract/contract.ts";
import type { Resource } from "../store/store.ts";
import type { Call } from "./call.ts";
import { invalid, requireActive, requireResource } from "./not-found.ts";

/** What is kept of a retriever besides its id, ARN, status and times. */
export type RetrieverRecord = Omit<CreateRetrieverRequest, "clientToken" | "tags">;

/** A stored retriever. */
export type Retriever = Resource<RetrieverRecord>;

/**
 * Checks that a configuration belongs to the type and names an index in use.
 *
 * @throws ValidationException for a Kendra index, boosts, or a configuration of the other type.
 */
export async function checkRetrieverConfiguration(
  call: Call,
  applicationId: string,
  { type, configuration }: { type: RetrieverType; configuration: RetrieverConfiguration },
): Promise<void> {
  if (type === "KENDRA_INDEX") {
    throw invalid("type", "Quarry has no Kendra; Member must be NATIVE_INDEX");
  }
  const native = configuration.nativeIndexConfiguration;
  if (native === undefined) {
    throw invalid("configuration", "Member must have nativeIndexConfiguration for NATIVE_INDEX");
  }
  if (native.boostingOverride !== undefined && Object.keys(native.boostingOverride).length > 0) {
    throw invalid(
      "configuration",
      "Quarry does not boost attributes yet; leave boostingOverride out",
    );
  }
  const { indexId } = native;
  requireActive(await requireResource(call, "index", indexId, { applicationId }));
}
