import type { JsonValue } from "../../contract/contract.ts";

/** Bucket that the demo reads; `npm start` registers the bundled folder under this name. */
export const sampleBucket = "sample-bucket";

/** Name of the file in the data directory that keeps the demo user's key. */
export const demoKeyFile = "demo.json";

/** Questions that the sample bucket answers, each from another kind of file. */
export const sampleQuestions = [
  "How many days of paid annual leave do full-time employees have?",
  "What is the limit for meals while travelling?",
  "How do I factory reset the Mossgate?",
  "What is the price of the Gullstone weather station?",
] as const;

/** What the demo's page says. */
export const demoPage = {
  title: "Ask Pellwick",
  subtitle: "Answers from the handbook, the product notes and the price list",
  welcomeMessage: "Ask a question. Every answer shows the documents it comes from.",
};

/** The field that the sample's metadata files fill besides the reserved ones. */
export const departmentField = { name: "department", type: "STRING", search: "ENABLED" } as const;

/**
 * Configuration of the demo's data source, template `S3`. Source: "Connecting Amazon S3 to Amazon Q
 * Business using APIs", user guide.
 */
export function dataSourceConfiguration(bucket: string): JsonValue {
  const mapping = (name: string): JsonValue => ({
    dataSourceFieldName: name,
    indexFieldName: name,
    indexFieldType: "STRING",
  });
  return {
    type: "S3",
    syncMode: "FULL_CRAWL",
    version: "1.0.0",
    connectionConfiguration: { repositoryEndpointMetadata: { BucketName: bucket } },
    repositoryConfigurations: {
      document: { fieldMappings: [mapping("s3_document_id"), mapping(departmentField.name)] },
    },
    additionalProperties: {
      inclusionPrefixes: [],
      exclusionPrefixes: [],
      inclusionPatterns: [],
      exclusionPatterns: [],
      aclConfigurationFilePath: "access/acl.json",
      maxFileSizeInMegaBytes: "50",
    },
  };
}
