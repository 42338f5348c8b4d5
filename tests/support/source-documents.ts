// The two published pages that Quarry must make true, and a platform engineer's shell.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Endpoint, Keys } from "./clients.ts";

const folder = new URL("../../../shared/sources/", import.meta.url);

/** A page: its JSON documents and its commands, in order and as they are printed. */
export type Page = { readonly documents: readonly string[]; readonly commands: readonly string[] };

/** Undefined where the pages are not at hand. */
export function readPage(name: "connector" | "anonymous"): Page | undefined {
  const file = name === "connector" ? "000_080fad32260becd6.txt" : "004_821da0a30dcdc32a.txt";
  const url = new URL(file, folder);
  if (!existsSync(url)) return undefined;
  const lines = readFileSync(url, "utf8").split("\n");
  return {
    documents: lines.filter((line) => line.startsWith('{ "')),
    commands: lines.filter((line) => line.startsWith("aws ")),
  };
}

/** Puts values where a page has `{{name}}` or `[[name]]`. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (filled, [name, value]) =>
      filled.replaceAll(`{{${name}}}`, value).replaceAll(`[[${name}]]`, value),
    text,
  );
}

/** How a program ended. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** A folder with `policies/` in it, and the AWS CLI set up for a server. */
export type Shell = AsyncDisposable & {
  readonly save: (file: string, text: string) => Promise<void>;
  /** Runs the CLI and reads the JSON that it prints; a refusal is thrown. */
  readonly aws: <Answer>(command: readonly string[], keys?: Keys) => Promise<Answer>;
  /** The same, of which a refusal is expected; gives what is said. */
  readonly refused: (command: readonly string[], keys?: Keys) => Promise<string>;
  /** Hands a line to the shell, as if it had been pasted. */
  readonly paste: (line: string) => Promise<Ran>;
};

const run = promisify(execFile);

/** Undefined where the AWS CLI is not on PATH. */
export async function openShell(server: Endpoint): Promise<Shell | undefined> {
  if ((await ran("aws", ["--version"], {})).code !== 0) return undefined;
  const cwd = await mkdtemp(join(tmpdir(), "quarry-pages-"));
  await mkdir(join(cwd, "policies"));
  const options = (keys: Keys = server.rootKey) => ({
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: keys.sessionToken }),
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ENDPOINT_URL: server.url,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    },
  });
  const call = (command: readonly string[], keys?: Keys): Promise<Ran> =>
    // Older versions do not look at AWS_ENDPOINT_URL.
    ran("aws", ["--endpoint-url", server.url, "--output", "json", ...command], options(keys));
  return {
    save: (file, text) => writeFile(join(cwd, "policies", file), text),
    async aws<Answer>(command: readonly string[], keys?: Keys) {
      const { code, out, err } = await call(command, keys);
      if (code !== 0) throw new Error(`aws ${command.join(" ")}: ${err}`);
      return (out.trim() === "" ? {} : JSON.parse(out)) as Answer;
    },
    async refused(command, keys) {
      const { code, err } = await call(command, keys);
      if (code === 0) throw new Error(`aws ${command.join(" ")} was not refused.`);
      return err;
    },
    paste: (line) => ran("sh", ["-c", line], options()),
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }),
  };
}

async function ran(file: string, args: readonly string[], options: object): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(file, args, { encoding: "utf8", ...options });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const {
      code,
      stdout = "",
      stderr = String(error),
    } = error as Partial<Record<"code" | "stdout" | "stderr", string>>;
    return { code: typeof code === "number" ? code : 1, out: stdout, err: stderr };
  }
}
