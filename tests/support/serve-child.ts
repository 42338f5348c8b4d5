// A whole server in a process of its own, for tests that kill it. Argument: the configuration as
// JSON. Prints one line of JSON once it is ready; SIGTERM ends it in order.
import process from "node:process";
import type { ServerConfig } from "../../src/core/server-config.ts";
import { serve } from "../../src/main.ts";

const server = await serve(JSON.parse(process.argv[2] ?? "{}") as ServerConfig);
const { url, publicUrl, rootKey } = server;
process.stdout.write(`${JSON.stringify({ url, publicUrl, rootKey })}\n`);
process.once("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
