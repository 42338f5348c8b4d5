import type { ParsedArguments } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../client/connection.ts";
import { type CliContext, exitCodes, usageError } from "../context.ts";
import { placeFlags } from "./place.ts";
import { commandsOf, recipes } from "./recipes.ts";
import { type WrittenFile, writeFiles } from "./write-files.ts";
import { formatTable } from "../table.ts";

const names = Object.keys(recipes);

/** `quarry policy write`: the published policies, repaired and filled in. */
export const policyWrite: Command = {
  name: "policy write",
  summary: "write a role's published policies, filled in, and the commands that make the role",
  usage: `--for ${names.join("|")} --application ID [flags]`,
  notes: [
    "Repaired means: the service is named, commas are where JSON wants them, dead grants are gone, " +
      "a list stands where several subnets or groups are meant, interfaces can be deleted, and " +
      "encrypted objects are decrypted through S3. Files that are there with another text are " +
      "left alone unless --force is given. No server is asked.",
  ],
  flags: [
    { name: "--for", value: "ROLE", help: `one of ${names.join(", ")}` },
    { name: "--application", value: "ID", help: "the application" },
    { name: "--index", value: "ID", help: "the index that a connector fills" },
    { name: "--bucket", value: "NAME", help: "the bucket that it reads" },
    { name: "--account", value: "ID", help: "their account (QUARRY_ACCOUNT_ID; 000000000000)" },
    { name: "--region", value: "REGION", help: "their Region (QUARRY_REGION; us-east-1)" },
    {
      name: "--kms-key",
      value: "ARN",
      isRepeatable: true,
      help: "a key that encrypts objects, by ARN or id",
    },
    {
      name: "--subnet",
      value: "ID",
      isRepeatable: true,
      help: "a subnet that the connector goes through",
    },
    { name: "--security-group", value: "ID", isRepeatable: true, help: "what it may reach there" },
    {
      name: "--caller",
      value: "ARN",
      help: "who takes up the role of anonymous-api (the account)",
    },
    { name: "--role", value: "NAME", help: "what the commands call the role (as it is for)" },
    { name: "--out", value: "FOLDER", help: "where the files go (policies)" },
    { name: "--force", help: "replace files with another text" },
    {
      name: "--endpoint",
      value: "URL",
      help: "the server that the commands name (AWS_ENDPOINT_URL; http://127.0.0.1:8090)",
    },
    { name: "--json", help: "print JSON" },
  ],
  wordsMax: 0,
  async run(parsed, context) {
    const recipe = { ...recipeOf(parsed)(placeFlags(parsed, context.env)), ...roleNameOf(parsed) };
    const { endpoint } = connect({ flags: parsed.flags }, context).client;
    const folder = parsed.flags.get("--out")?.[0] ?? "policies";
    const files = [recipe.trust, recipe.permissions].map(({ file, document }) => ({
      name: file,
      text: `${JSON.stringify(document, null, 2)}\n`,
    }));
    const isForced = parsed.flags.has("--force");
    const written = await writeFiles(files, { folder, cwd: context.cwd, isForced });
    const commands = commandsOf(recipe, { folder, endpoint });
    report(written, commands, { isJson: parsed.flags.has("--json"), stdout: context.stdout });
    return exitCodes.ok;
  },
};

function recipeOf({ flags }: ParsedArguments): (typeof recipes)[string] {
  const wanted = flags.get("--for")?.[0] ?? "";
  const recipe = Object.hasOwn(recipes, wanted) ? recipes[wanted] : undefined;
  if (recipe !== undefined) return recipe;
  throw usageError(`--for must be one of ${names.join(", ")}.`);
}

function roleNameOf({ flags }: ParsedArguments): { readonly roleName?: string } {
  const roleName = flags.get("--role")?.[0];
  if (roleName === undefined) return {};
  if (/^[\w+=,.@-]{1,64}$/.test(roleName)) return { roleName };
  throw usageError("--role must be 1 to 64 letters, digits or any of _+=,.@-");
}

function report(
  files: readonly WrittenFile[],
  commands: readonly string[],
  { isJson, stdout }: { readonly isJson: boolean } & Pick<CliContext, "stdout">,
): void {
  if (isJson) {
    stdout.write(`${JSON.stringify({ files, commands }, null, 2)}\n`);
    return;
  }
  const table = formatTable(files.map(({ file, status }) => [status, file]));
  // Unindented, so that the lines can be pasted as they are.
  stdout.write(`${table}\nThe role is made by:\n\n${commands.join("\n")}\n`);
}
