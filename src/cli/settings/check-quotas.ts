import { quotaMax, quotaNames } from "../../core/quotas.ts";
import { closest, shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

/**
 * Quotas that differ from the published ones, as `NAME=NUMBER`.
 *
 * @throws CliError for a name that is none, a name twice, or a number that cannot be.
 */
export function quotasOf(written: WrittenSettings): Readonly<Record<string, number>> {
  const found = written.get("quotas");
  const quotas = new Map<string, number>();
  for (const spec of found?.values ?? []) {
    const [name = "", text = "", ...rest] = spec.split("=");
    if (!quotaNames.includes(name) || rest.length > 0) {
      const like = closest(name, quotaNames);
      const way =
        like === undefined
          ? "write NAME=NUMBER, such as documentsPerUnit=50000."
          : `did you mean ${like}=NUMBER?`;
      throw usageError(`${found?.from} has ${shown(spec)}, which is no quota; ${way}`);
    }
    if (quotas.has(name)) throw usageError(`${found?.from} names ${name} twice.`);
    const value = /^\d{1,13}$/.test(text) ? Number(text) : -1;
    if (value < 0 || value > quotaMax) {
      throw usageError(
        `${found?.from}: ${name} is ${shown(text)}; it must be a whole number from 0 to ${quotaMax}.`,
      );
    }
    quotas.set(name, value);
  }
  return Object.fromEntries(quotas);
}
