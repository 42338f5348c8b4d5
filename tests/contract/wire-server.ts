import { createServer as createHttp1 } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { OperationName } from "../../src/contract/contract.ts";
import {
  decodeInput,
  encodeError,
  encodeOutput,
  route,
  unknownOperation,
} from "../../src/wire/wire.ts";

/** What the test wants of the next request: give an output, or throw. */
export type Answer = (operation: OperationName, input: unknown) => unknown;

export type WireServer = AsyncDisposable & {
  readonly endpoint: string;
  answer: Answer;
};

/** A server that has nothing but `wire`: no signatures, no operations. */
export async function startWireServer(protocol: "http/1.1" | "h2"): Promise<WireServer> {
  async function listener(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> {
    // Both kinds of response share this part, but not a type.
    const to = response as ServerResponse;
    try {
      const found = route(request.method ?? "", request.url ?? "");
      if (found === undefined) throw unknownOperation();
      const body = await buffer(request);
      const input = decodeInput(found.operation, { ...found, body });
      const output = server.answer(found.operation, input);
      const bytes = encodeOutput(found.operation as "GetApplication", output as never);
      to.writeHead(200, { "content-type": "application/json", "x-amzn-requestid": "request-1" });
      to.end(bytes);
    } catch (error) {
      const { status, headers, body } = encodeError(error, "request-1");
      to.writeHead(status, headers);
      to.end(body);
    }
  }

  const on = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => void listener(request, response);
  const http = protocol === "h2" ? createHttp2({}, on) : createHttp1(on);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const server: WireServer = {
    endpoint: `http://127.0.0.1:${port}`,
    answer: () => ({}),
    [Symbol.asyncDispose]: async () => {
      if ("closeAllConnections" in http) http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
