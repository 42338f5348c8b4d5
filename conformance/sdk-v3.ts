import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as qbusiness from "@aws-sdk/client-qbusiness";
import * as sts from "@aws-sdk/client-sts";
import {
  type Client,
  type ClientCall,
  converted,
  type Members,
  refusalOf,
  type Target,
} from "./client.ts";

type Sender = { readonly send: (command: unknown) => Promise<Members> };
type Newable = new (input: unknown) => unknown;

const modules = {
  qbusiness: { exports: qbusiness, client: qbusiness.QBusinessClient },
  iam: { exports: iam, client: iam.IAMClient },
  sts: { exports: sts, client: sts.STSClient },
  kms: { exports: kms, client: kms.KMSClient },
} as const;

/** The AWS SDK for JavaScript, version 3: HTTP/2 for this service, HTTP/1.1 for the others. */
export function openSdkV3({ endpoint, region }: Target): Client {
  const senders = new Map<string, Sender>();
  const senderOf = ({ service, keys }: ClientCall): Sender => {
    const name = `${service}/${keys.accessKeyId}`;
    const known = senders.get(name);
    if (known !== undefined) return known;
    const settings = { endpoint, region, credentials: keys, maxAttempts: 1 };
    const made = new modules[service].client(settings) as unknown as Sender;
    senders.set(name, made);
    return made;
  };
  return {
    name: "JavaScript v3",
    call: async (call) => {
      const exported = modules[call.service].exports as unknown as Readonly<
        Record<string, Newable>
      >;
      const command = exported[`${call.operation}Command`];
      if (command === undefined) return { kind: "unknown" };
      const isChat = call.operation === "Chat";
      const input = converted(call.input, {
        blob: (bytes) => bytes,
        time: (iso) => new Date(iso),
      }) as Members;
      try {
        const output = await senderOf(call).send(new command(isChat ? streamed(input) : input));
        return { kind: "answered", output: isChat ? await readStream(output) : output };
      } catch (error) {
        return refusalOf(error);
      }
    },
    close: () => {
      for (const sender of senders.values())
        (sender as unknown as qbusiness.QBusinessClient).destroy();
    },
  };
}

/** The steps give the events of a conversation as a list. */
function streamed({ inputStream, ...input }: Members): Members {
  async function* events(): AsyncGenerator<Members> {
    yield* inputStream as readonly Members[];
  }
  return { ...input, inputStream: events() };
}

async function readStream({ outputStream }: Members): Promise<Members> {
  const events: Members[] = [];
  for await (const event of outputStream as AsyncIterable<Members>) events.push(event);
  return { events };
}

/** Names of the operations that this client has: those of the newest contract. */
export function operationsOfSdkV3(service: keyof typeof modules): readonly string[] {
  return Object.keys(modules[service].exports)
    .filter((name) => name.endsWith("Command") && name !== "$Command")
    .map((name) => name.slice(0, -"Command".length))
    .sort();
}
