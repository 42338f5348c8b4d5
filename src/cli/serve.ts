import type { Command } from "./command.ts";
import { checkConfiguration } from "./settings/configuration.ts";
import { gatherSettings } from "./settings/gather-settings.ts";
import { runServer } from "./run-server.ts";
import { serverFlags } from "./settings/server-settings.ts";

/** `quarry serve`: runs the server until it is asked to stop. */
export const serve: Command = {
  name: "serve",
  summary: "run the server",
  usage: "[flags]",
  notes: [
    "A flag wins over the environment, the environment over the file of --config.",
    "The root key can be set by QUARRY_ROOT_ACCESS_KEY_ID and QUARRY_ROOT_SECRET_ACCESS_KEY.",
  ],
  flags: serverFlags,
  wordsMax: 0,
  async run(parsed, context) {
    const cwd = context.cwd ?? process.cwd();
    const written = await gatherSettings(parsed, context.env, cwd);
    return runServer(checkConfiguration(written, { cwd }), context);
  },
};
