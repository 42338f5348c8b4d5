import { dirname, resolve } from "node:path";
import type { ParsedArguments } from "../arguments.ts";
import {
  configFlag,
  serverSettings,
  type ServerSetting,
  type SettingKey,
} from "./server-settings.ts";

/** What somebody wrote for a setting, and where, for messages: `--port`, `QUARRY_PORT`. */
export type Written = {
  readonly values: readonly string[];
  readonly from: string;
  /** The folder that relative paths start from. */
  readonly base: string;
};

/** Key -> what was written for it; settings that nobody wrote are not in it. */
export type WrittenSettings = ReadonlyMap<SettingKey, Written>;

/**
 * Collects settings: a flag wins over the environment, the environment over the file of `--config`.
 * An empty variable counts as not set. Paths in a file start from the file's folder.
 *
 * @throws CliError with exit code 2 for a file that cannot be used.
 */
export async function gatherSettings(
  parsed: Pick<ParsedArguments, "flags">,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<WrittenSettings> {
  const written = new Map<SettingKey, Written>();
  const file = await readFile(parsed, cwd);
  for (const setting of serverSettings) {
    const found =
      fromFlags(setting, parsed, cwd) ?? fromEnv(setting, env, cwd) ?? file(setting.key);
    if (found !== undefined) written.set(setting.key, found);
  }
  return written;
}

function fromFlags(
  { flag }: ServerSetting,
  { flags }: Pick<ParsedArguments, "flags">,
  cwd: string,
): Written | undefined {
  const values = flag === undefined ? undefined : flags.get(flag);
  return flag === undefined || values === undefined ? undefined : { values, from: flag, base: cwd };
}

function fromEnv(
  { env: name, isList }: ServerSetting,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Written | undefined {
  const text = env[name] ?? "";
  if (text === "") return undefined;
  const values = isList === true ? text.split(",").map((item) => item.trim()) : [text];
  return { values, from: name, base: cwd };
}

async function readFile(
  { flags }: Pick<ParsedArguments, "flags">,
  cwd: string,
): Promise<(key: SettingKey) => Written | undefined> {
  const name = flags.get(configFlag.name)?.[0];
  if (name === undefined) return () => undefined;
  const path = resolve(cwd, name);
  const all = serverSettings as readonly ServerSetting[];
  // Loaded only when needed: a server should be ready soon.
  const { readConfigFile } = await import("./config-file.ts");
  const settings = readConfigFile(path, {
    keys: all.map((setting) => setting.key),
    forms: new Map(all.filter(({ isList }) => isList).map(({ key, value }) => [key, value])),
    nestedKeys: all.filter((setting) => setting.isNested).map((setting) => setting.key),
  });
  return (key) => {
    const values = settings.get(key);
    const isEmpty = values === undefined || (values.length === 1 && values[0] === "");
    return isEmpty ? undefined : { values, from: `${key} in ${path}`, base: dirname(path) };
  };
}
