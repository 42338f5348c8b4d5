import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import {
  type ParseOptions,
  parsePolicy,
  placesIn,
  type Policy,
  type PolicyKind,
} from "../../iam/iam.ts";
import { shown } from "../arguments.ts";
import { type CliContext, type CliError, usageError } from "../context.ts";

/** A text with the name that messages give it: a path as it was written, or `-`. */
export type TextFile = { readonly name: string; readonly text: string };

/** Larger than any policy that IAM takes, so that one that is too large can be told so. */
export const policyBytesMax = 1024 * 1024;

/** What comes from a file, or from standard input for `-`, in pieces. */
export function openInput(name: string, context: CliContext): AsyncIterable<unknown> {
  if (name === "-") return context.stdin ?? process.stdin;
  return createReadStream(resolve(context.cwd ?? process.cwd(), name));
}

/**
 * Reads texts, in order.
 *
 * @throws CliError with exit code 2 for what cannot be read, is too large or is no UTF-8.
 */
export async function readTexts(
  names: readonly string[],
  context: CliContext,
  bytesMax: number = policyBytesMax,
): Promise<readonly TextFile[]> {
  if (names.indexOf("-") !== names.lastIndexOf("-")) {
    throw usageError("Standard input (-) is named twice; it can be read once.");
  }
  const files: TextFile[] = [];
  for (const name of names) files.push({ name, text: await readText(name, context, bytesMax) });
  return files;
}

async function readText(name: string, context: CliContext, bytesMax: number): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of openInput(name, context)) {
      const bytes = bytesOf(piece);
      sizeBytes += bytes.length;
      if (sizeBytes > bytesMax) {
        throw usageError(`${shown(name)} is larger than ${bytesMax} bytes; name a smaller file.`);
      }
      pieces.push(bytes);
    }
  } catch (error) {
    throw unreadable(name, error);
  }
  try {
    // A mark at the start is kept: IAM takes none, so it has to be found.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
  } catch (error) {
    throw usageError(`${shown(name)} is no UTF-8 text; save it as UTF-8.`, { cause: error });
  }
}

/** A piece of a stream: bytes, or text where a stream has been told to decode. */
export function bytesOf(piece: unknown): Buffer {
  return piece instanceof Uint8Array ? Buffer.from(piece) : Buffer.from(String(piece));
}

/** The one line for an input that cannot be read; any other error stays what it is. */
export function unreadable(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "does not exist",
    EISDIR: "is a folder",
    EACCES: "may not be read",
  };
  const code = String(error.code);
  const reason = reasons[code] ?? `cannot be read (${code})`;
  return usageError(`${shown(name)} ${reason}; name a file that can be read.`, { cause: error });
}

/** A policy that is needed whole: what IAM would refuse ends the command. */
export function requirePolicy(file: TextFile, options: ParseOptions): Policy {
  const parsing = parsePolicy(file.text, { takesOldVersions: true, ...options });
  if (parsing.ok) return parsing.policy;
  throw refusedPolicy(file, parsing.refusal);
}

function refusedPolicy(
  { name, text }: TextFile,
  { faults, message }: Extract<ReturnType<typeof parsePolicy>, { ok: false }>["refusal"],
): CliError {
  const [fault] = faults;
  const { line, column } = placesIn(text)(fault?.span.start ?? 0);
  const more = 'see "quarry policy validate"';
  return usageError(`${name}:${line}:${column}: ${fault?.detail ?? message}; ${more}.`);
}

/** The kinds of policies, as `--kind` takes them. */
export const policyKinds = [
  "identity",
  "trust",
  "resource",
  "key",
  "boundary",
  "session",
  "scp",
  "rcp",
  "endpoint",
] as const satisfies readonly PolicyKind[];

/**
 * The kind of a document by its elements, also of one that cannot be parsed: a Principal without a
 * Resource makes a trust policy, with one a resource policy.
 */
export function guessKind(text: string): PolicyKind {
  const has = (element: string): boolean => {
    for (let at = text.indexOf(element); at >= 0; at = text.indexOf(element, at + 1)) {
      if (
        text
          .slice(at + element.length, at + element.length + 20)
          .trimStart()
          .startsWith(":")
      ) {
        return true;
      }
    }
    return false;
  };
  if (!has('"Principal"') && !has('"NotPrincipal"')) return "identity";
  return has('"Resource"') || has('"NotResource"') ? "resource" : "trust";
}
