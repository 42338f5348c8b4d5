import type { DocumentEnrichmentConfiguration } from "../contract/contract.ts";
import { enrichmentFaults, type FieldTypes } from "../ingestion/ingestion.ts";
import { apiError } from "../wire/wire.ts";

const faultsShown = 10;

/**
 * Checks a configuration of document enrichment against the fields of its index. `member` is its
 * place in the request.
 *
 * @throws ValidationException with one field for each fault.
 */
export function checkEnrichment(
  enrichment: DocumentEnrichmentConfiguration | undefined,
  fields: FieldTypes,
  member: string,
): void {
  const faults = enrichmentFaults(enrichment ?? {}, fields);
  if (faults.length === 0) return;
  const shown = faults
    .slice(0, faultsShown)
    .map(({ path, message }) => ({ name: `${member}.${path}`, message }));
  const told = shown.map(
    ({ name, message }) => `Value at '${name}' failed to satisfy constraint: ${message}`,
  );
  const count = `${faults.length} validation error${faults.length === 1 ? "" : "s"} detected`;
  throw apiError("ValidationException", {
    message: `${count}: ${told.join("; ")}`,
    reason: "FIELD_VALIDATION_FAILED",
    fields: shown,
  });
}
