import type {
  CreateIndexRequest,
  DocumentAttributeConfiguration,
  IndexType,
} from "../contract/contract.ts";
import type { Resource } from "../store/store.ts";

/** What is kept of an index besides its id, ARN, status and times. */
export type IndexRecord = Omit<CreateIndexRequest, "clientToken" | "tags" | "type"> & {
  readonly type: IndexType;
  readonly units: number;
  /** Reserved fields first, then the customer's in the order they were added. */
  readonly attributes: readonly IndexField[];
};

/** A field that documents may have attributes for. */
export type IndexField = Required<{
  [K in keyof DocumentAttributeConfiguration]: NonNullable<DocumentAttributeConfiguration[K]>;
}>;

/** A stored index. */
export type Index = Resource<IndexRecord>;

/**
 * Fields that every index has ("Document attributes and types", user guide), with the search
 * setting they are born with: on for texts, off for dates and numbers.
 */
export const reservedFields: readonly IndexField[] = [
  { name: "_authors", type: "STRING_LIST", search: "ENABLED" },
  { name: "_category", type: "STRING", search: "ENABLED" },
  { name: "_created_at", type: "DATE", search: "DISABLED" },
  { name: "_data_source_id", type: "STRING", search: "ENABLED" },
  { name: "_document_title", type: "STRING", search: "ENABLED" },
  { name: "_file_type", type: "STRING", search: "ENABLED" },
  { name: "_language_code", type: "STRING", search: "ENABLED" },
  { name: "_last_updated_at", type: "DATE", search: "DISABLED" },
  { name: "_source_uri", type: "STRING", search: "ENABLED" },
  { name: "_version", type: "STRING", search: "ENABLED" },
  { name: "_view_count", type: "NUMBER", search: "DISABLED" },
];
