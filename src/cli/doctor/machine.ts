import { accessSync, constants, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { bucketsOf } from "../settings/check-buckets.ts";
import { aclDefaultOf } from "../settings/configuration.ts";
import { CliError } from "../context.ts";
import { type Finding, fail, ok, warn } from "./findings.ts";
import type { WrittenSettings } from "../settings/gather-settings.ts";

const nodeMajorMin = 24;

/** Whether this Node can run the server. */
export function checkNode(version: string): Finding {
  const major = Number(version.replace(/^v/, "").split(".")[0]);
  if (major >= nodeMajorMin) return ok("node", version);
  return fail("node", version, `install Node ${nodeMajorMin} or newer, or use npm start`);
}

/** Whether the data directory can be used, and keeps its secrets. */
export function checkDataDir(
  path: string,
  { isServerUp }: { readonly isServerUp: boolean },
): Finding {
  const check = "data directory";
  try {
    if (!statSync(path).isDirectory()) return fail(check, `${path} is no folder`, "name another");
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ENOENT") {
      // A server elsewhere has its data elsewhere.
      return warn(
        check,
        `${path} does not exist`,
        "it is made by the first start of a server here",
      );
    }
    const next = "allow this user to read and write it, or name another with --data-dir";
    return fail(check, `${path} cannot be used (${String(error.code)})`, next);
  }
  const keys = join(path, "keys.json");
  const mode = modeOf(keys);
  if (mode === undefined) return warn(check, `${path} holds no keys.json`, "start a server on it");
  // Windows has no such mode.
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return fail(check, `${keys} may be read by others`, `chmod 600 ${keys}`);
  }
  // One server at a time holds the directory; a second one says so when it starts.
  return ok(check, `${path}${isServerUp ? "" : ", writable"}`);
}

function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode;
}

/** Whether the configured folders are there. */
export function checkBuckets(written: WrittenSettings): readonly Finding[] {
  try {
    const buckets = Object.entries(bucketsOf(written));
    if (buckets.length === 0) return [ok("buckets", "no folder is configured as a bucket here")];
    return buckets.map(([name, folder]) => ok(`bucket ${name}`, folder));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [fail("buckets", error.message, "correct the setting, then start the server again")];
  }
}

/** What becomes of documents that an ACL file does not list; the setting must be the server's. */
export function checkAclDefault(written: WrittenSettings): Finding {
  const check = "unlisted documents";
  try {
    if (aclDefaultOf(written) === "deny") {
      return ok(check, "nobody sees what an ACL file does not list (s3-acl-default deny)");
    }
    return ok(check, "everyone sees what an ACL file does not list (s3-acl-default allow)");
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return fail(check, error.message, "correct the setting, then start the server again");
  }
}

/** Whether a server could take the configured port; asked only while none answers. */
export async function checkPort(written: WrittenSettings): Promise<Finding> {
  const host = written.get("host")?.values[0] ?? "127.0.0.1";
  const port = Number(written.get("port")?.values[0] ?? 8090);
  const check = "port";
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    return fail(check, `${port} is no port`, "use a whole number from 0 to 65535");
  }
  const code = await bindOnce(host, port);
  if (code === undefined) return ok(check, `${port} of ${host} is free`);
  const found = `${port} of ${host} cannot be taken (${code})`;
  return fail(check, found, "something else has it: end that, or choose another with --port");
}

function bindOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
