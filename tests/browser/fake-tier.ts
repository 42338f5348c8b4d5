// A stand-in for the page's server tier: the same addresses, the same lines, answers from a script. It shows
// what the page needs of a server, and lets a test break what a real server does not break on request.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";

const dist = fileURLToPath(new URL("../../ui/dist", import.meta.url));
const pagePath = "/web/app-1/experience-1";
const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Nothing but what the page itself is made of; a violation is seen by the tests as a console error. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Lines of an answer; a number is a pause in milliseconds, "hang" waits for ever, "cut" breaks the connection. */
export type Script = readonly (object | number | "hang" | "cut")[];

export type FakeTier = {
  readonly url: string;
  /** What `/state` answers; `undefined` is 401. */
  state: object | undefined;
  /** Answers to the questions, in order; the last one is repeated. A number is a status without a body. */
  scripts: (Script | number)[];
  [Symbol.asyncDispose](): Promise<void>;
};

export const sampleState = {
  title: "Ask Pellwick",
  subtitle:
    "Answers from the handbook, the product pages and the price list, each with its source.",
  welcomeMessage: "Good to see you. What would you like to know?",
  samplePrompts: [
    "How many days of annual leave do I have?",
    "How long do the batteries of a Tidewren last?",
    "What does the Estate plan cost?",
  ],
  applicationName: "Pellwick Instruments",
};

function secondsFromNow(seconds: number): number {
  return Date.now() / 1000 + seconds;
}

/** Serves the built page and a scripted tier on a free port of this machine. */
export async function openFakeTier(): Promise<FakeTier> {
  let asked = 0;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const tier: FakeTier = {
    url: `http://127.0.0.1:${port}${pagePath}`,
    state: { ...sampleState, expiresAt: secondsFromNow(3600) },
    scripts: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    response.setHeader("content-security-policy", contentSecurityPolicy);
    if (path === pagePath) return sendFile(response, "index.html", "text/html");
    if (path.startsWith("/web/assets/")) return sendFile(response, path.slice("/web/".length));
    if (path === `${pagePath}/state`) {
      const status = tier.state === undefined ? 401 : 200;
      return sendJson(response, status, tier.state ?? { message: "This link was used already." });
    }
    if (request.method !== "POST" || request.headers["x-quarry-page"] !== "1") {
      return sendJson(response, 403, { message: "Not for other pages." });
    }
    await text(request);
    if (path === `${pagePath}/feedback`) return sendJson(response, 200, {});
    const script = tier.scripts[Math.min(asked, tier.scripts.length - 1)] ?? [];
    asked += 1;
    if (typeof script === "number") return sendJson(response, script, { message: "" });
    await play(script, response);
  }
  return tier;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendFile(response: ServerResponse, name: string, contentType?: string): void {
  const file = join(dist, name);
  if (name.includes("..") || !existsSync(file)) return sendJson(response, 404, {});
  const type = contentType ?? contentTypes[extname(name)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type }).end(readFileSync(file));
}

async function play(script: Script, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  for (const step of script) {
    if (step === "hang") return;
    if (step === "cut") {
      response.destroy();
      return;
    }
    if (typeof step === "number") await new Promise((resolve) => setTimeout(resolve, step));
    else response.write(`${JSON.stringify(step)}\n`);
  }
  response.end();
}
