import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { CliError } from "../context.ts";

/** A request as it goes out; `rawTarget` travels as it is, for it is what was signed. */
export type OutgoingRequest = {
  readonly method: string;
  readonly rawTarget: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
};

/** An answer, read to its end. */
export type IncomingAnswer = {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
};

/** An answer that is still on its way. */
export type OpenAnswer = Pick<IncomingAnswer, "status" | "headers"> & {
  readonly chunks: AsyncIterable<Buffer>;
};

/** Sends one request. Rejects with a CliError where nothing usable comes back. */
export type Transport = {
  readonly send: (request: OutgoingRequest) => Promise<IncomingAnswer>;
  /** For answers of any length. */
  readonly open: (request: OutgoingRequest) => Promise<OpenAnswer>;
};

const answerBytesMax = 64 * 1024 * 1024;
const silenceMsMax = 120_000;

/** Codes of a connection that broke on the way: the request may have been carried out or not. */
const brokenCodes: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT"]);

/** Whether a failed request may have reached the server. */
export class BrokenConnection extends CliError {}

/**
 * Sends requests to one endpoint over HTTP/1.1, each on a connection of its own: a server that is
 * asked to stop need not wait for idle ones. `certificate` (PEM) is trusted besides the usual
 * authorities, whatever host it names: for a server of this very process.
 */
export function createTransport(
  endpoint: string,
  options: { readonly certificate?: Buffer } = {},
): Transport {
  const { protocol, hostname, port } = new URL(endpoint);
  const isTls = protocol === "https:";
  const { certificate } = options;
  const own =
    certificate === undefined
      ? {}
      : {
          ca: [certificate],
          allowPartialTrustChain: true,
          checkServerIdentity: (): undefined => undefined,
        };
  const where = {
    // Node wants IPv6 addresses without the brackets that URLs need.
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (isTls ? 443 : 80) : Number(port),
    agent: isTls
      ? new HttpsAgent({ keepAlive: false, ...own })
      : new HttpAgent({ keepAlive: false }),
  };
  const respond = ({ method, rawTarget, headers, body }: OutgoingRequest) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const send = isTls ? httpsRequest : httpRequest;
      const fail = (error: Error): void => reject(translate(error, endpoint));
      const request = send({ ...where, method, path: rawTarget, headers: headers.flat() });
      request.setTimeout(silenceMsMax, () => {
        request.destroy(Object.assign(new Error("silence"), { code: "ETIMEDOUT" }));
      });
      request.on("error", fail);
      request.on("response", resolve);
      request.end(body);
    });
  const translated = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw error instanceof Error ? translate(error, endpoint) : error;
    }
  };
  return {
    send: (request) => translated(async () => readAnswer(await respond(request), endpoint)),
    open: async (request) => {
      const response = await respond(request);
      const { statusCode: status = 0, headers } = response;
      return { status, headers, chunks: chunksOf(response, endpoint) };
    },
  };
}

async function* chunksOf(response: IncomingMessage, endpoint: string): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof Error ? translate(error, endpoint) : error;
  }
}

async function readAnswer(response: IncomingMessage, endpoint: string): Promise<IncomingAnswer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > answerBytesMax) {
      throw new CliError(`${endpoint} answered more than ${answerBytesMax} bytes; giving up.`);
    }
    chunks.push(chunk);
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: Buffer.concat(chunks) };
}

function translate(error: Error, endpoint: string): Error {
  if (error instanceof CliError) return error;
  const code = "code" in error ? String(error.code) : "";
  // Node tries every address of a name, and then throws all failures together.
  const inner = error instanceof AggregateError ? String((error.errors[0] as Error)?.message) : "";
  if (code === "ECONNREFUSED") {
    return new CliError(
      `Nothing answers at ${endpoint}; start it with "quarry serve", or name a server with --endpoint.`,
    );
  }
  if (brokenCodes.has(code)) {
    return new BrokenConnection(`The connection to ${endpoint} broke (${code}); try again.`);
  }
  return new CliError(`${endpoint} cannot be reached: ${inner || error.message}`);
}
