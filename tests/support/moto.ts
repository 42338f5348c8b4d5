import { spawn } from "node:child_process";
import { once } from "node:events";

/** An S3 store that others wrote, in Python; any keys will do. */
export type Moto = AsyncDisposable & { readonly endpoint: string };

const startMs = 20_000;

/** Starts `moto_server` on a free port; undefined where the machine has none. */
export async function startMoto(): Promise<Moto | undefined> {
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const started = Promise.withResolvers<string | undefined>();
  let text = "";
  const read = (part: Buffer): void => {
    text += part.toString();
    const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (endpoint !== undefined) started.resolve(endpoint);
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  child.on("error", () => started.resolve(undefined));
  child.on("exit", () => started.resolve(undefined));
  const timer = setTimeout(() => started.resolve(undefined), startMs);
  const endpoint = await started.promise;
  clearTimeout(timer);
  if (endpoint === undefined) {
    child.kill("SIGKILL");
    return undefined;
  }
  return {
    endpoint,
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}
