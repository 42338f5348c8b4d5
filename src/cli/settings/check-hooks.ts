import { shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const arnPattern =
  /^arn:[a-z0-9.-]{1,63}:lambda:[a-z0-9-]{1,63}:\d{12}:function:[a-zA-Z0-9_-]{1,140}(?::[a-zA-Z0-9_-]{1,140})?$/;
const urlLengthMax = 2048;

/**
 * Functions that enrich documents, as `ARN=URL`.
 *
 * @throws CliError for a form, an ARN or a URL that cannot be.
 */
export function hooksOf(written: WrittenSettings): Readonly<Record<string, string>> {
  const found = written.get("hooks");
  const hooks = new Map<string, string>();
  for (const spec of found?.values ?? []) {
    const equals = spec.indexOf("=");
    const arn = spec.slice(0, Math.max(equals, 0));
    if (!arnPattern.test(arn)) {
      const form = "write ARN=URL with the ARN of a Lambda function";
      throw usageError(`${found?.from} has ${shown(spec)}, which is no hook; ${form}.`);
    }
    if (hooks.has(arn)) {
      throw usageError(`${found?.from} names ${arn} twice; give each function one URL.`);
    }
    hooks.set(arn, urlOf(spec.slice(equals + 1), `${found?.from}: the URL of ${arn}`));
  }
  return Object.fromEntries(hooks);
}

function urlOf(text: string, what: string): string {
  const url = text.length > urlLengthMax ? null : URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw usageError(`${what} must be an http or https URL.`);
  }
  // Command lines are visible to other users of a machine; calls are signed instead.
  if (url.username !== "" || url.password !== "") {
    throw usageError(`${what} must not hold credentials.`);
  }
  return url.href;
}
