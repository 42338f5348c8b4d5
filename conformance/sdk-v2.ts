import { createRequire } from "node:module";
import {
  type Client,
  type ClientCall,
  converted,
  type Members,
  refusalOf,
  type Target,
} from "./client.ts";

type Service = {
  readonly api: { readonly operations: Readonly<Record<string, unknown>> };
  readonly makeRequest: (
    operation: string,
    input: unknown,
  ) => { readonly promise: () => Promise<Members> };
};

const names = { qbusiness: "QBusiness", iam: "IAM", sts: "STS", kms: "KMS" } as const;

/** The AWS SDK for JavaScript, version 2, whose contract is an older one. */
export function openSdkV2({ endpoint, region }: Target): Client {
  const require = createRequire(import.meta.url);
  (require("aws-sdk/lib/maintenance_mode_message") as { suppress: boolean }).suppress = true;
  const sdk = require("aws-sdk") as Readonly<Record<string, new (settings: object) => Service>>;
  const opened = new Map<string, Service>();
  const serviceOf = ({ service, keys }: ClientCall): Service => {
    const name = `${service}/${keys.accessKeyId}`;
    const known = opened.get(name);
    if (known !== undefined) return known;
    const constructor = sdk[names[service]];
    if (constructor === undefined) throw new Error(`aws-sdk has no ${names[service]}.`);
    const made = new constructor({ endpoint, region, ...keys, maxRetries: 0 });
    opened.set(name, made);
    return made;
  };
  return {
    name: "JavaScript v2",
    call: async (call) => {
      const service = serviceOf(call);
      const operation = call.operation.charAt(0).toLowerCase() + call.operation.slice(1);
      if (!(operation in service.api.operations)) return { kind: "unknown" };
      const input = converted(call.input, {
        blob: (bytes) => bytes,
        time: (iso) => new Date(iso),
      });
      try {
        return { kind: "answered", output: await service.makeRequest(operation, input).promise() };
      } catch (error) {
        return refusalOf(error);
      }
    },
    close: () => undefined,
  };
}
