import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Client, converted, type Members, type Outcome, type Target } from "./client.ts";

const run = promisify(execFile);

/** The AWS CLI, one process per call; undefined where it is not at hand. */
export async function openAwsCli({ endpoint, region }: Target): Promise<Client | undefined> {
  try {
    await run("aws", ["--version"]);
  } catch {
    // Not installed, or not able to run.
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "quarry-conformance-"));
  const file = join(folder, "input.json");
  return {
    name: "AWS CLI",
    call: async ({ service, operation, input, keys }) => {
      const json = converted(input, { blob: (bytes) => bytes.toString(), time: (iso) => iso });
      const [members, blobs] = withoutBytes(input, json as Members);
      writeFileSync(file, JSON.stringify(members));
      const args = [service, kebab(operation), "--cli-input-json", `file://${file}`];
      for (const [member, bytes] of blobs) {
        const blobFile = join(folder, member);
        writeFileSync(blobFile, bytes);
        args.push(`--${kebab(member)}`, `fileb://${blobFile}`);
      }
      const env = {
        ...process.env,
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_SESSION_TOKEN: keys.sessionToken,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_MAX_ATTEMPTS: "1",
        AWS_PAGER: "",
      };
      try {
        const { stdout } = await run("aws", [...args, "--output", "json"], { env });
        return { kind: "answered", output: outputOf(stdout) };
      } catch (error) {
        return outcomeOf((error as { readonly stderr?: string }).stderr ?? String(error));
      }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Bytes that are no text come in files: what JSON may hold of them differs by version. */
function withoutBytes(
  input: Members,
  json: Members,
): readonly [Members, readonly (readonly [string, Buffer])[]] {
  const blobs = Object.entries(input).flatMap(([member, value]) => {
    const base64 = (value as Members | undefined)?.["$base64"];
    return typeof base64 === "string" ? [[member, Buffer.from(base64, "base64")] as const] : [];
  });
  const names = new Set(blobs.map(([member]) => member));
  const rest = Object.entries(json).filter(([member]) => !names.has(member));
  return [Object.fromEntries(rest), blobs];
}

function kebab(operation: string): string {
  return operation.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}

function outputOf(stdout: string): Members {
  return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Members);
}

function outcomeOf(stderr: string): Outcome {
  if (stderr.includes("Invalid choice")) return { kind: "unknown" };
  const answered = /An error occurred \((\w+)\) when calling the \w+ operation[^:]*: ([^]*)/.exec(
    stderr,
  );
  if (answered === null) throw new Error(`aws: ${stderr.trim().slice(-300)}`);
  return {
    kind: "refused",
    name: answered[1] ?? "",
    status: 0,
    message: (answered[2] ?? "").trim(),
  };
}
