import type { Client } from "../client/client.ts";
import { type Connection, explainKeyErrors } from "../client/connection.ts";
import { CliError } from "../context.ts";
import { readObject } from "../client/credentials.ts";
import { type Finding, fail, ok, warn } from "./findings.ts";

/** Whether a server answers, and when it thinks it does. */
export type Health = {
  readonly isUp: boolean;
  readonly finding: Finding;
  readonly date: string | undefined;
};

/** Asks for `/health`. */
export async function checkHealth(client: Client): Promise<Health> {
  const check = "server";
  try {
    const { status, headers, body } = await client.get("/health");
    if (status === 200 && readObject(body.toString("utf8"))["status"] === "ok") {
      return {
        isUp: true,
        finding: ok(check, `${client.endpoint} is healthy`),
        date: headers.date,
      };
    }
    const found = `${client.endpoint} answers, but not as a healthy Quarry (HTTP ${status})`;
    const finding = fail(check, found, "is it Quarry? look into its log");
    return { isUp: false, finding, date: undefined };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const finding = fail(check, error.message, 'run "quarry serve" and look at what it says');
    return { isUp: false, finding, date: undefined };
  }
}

const skewMsWarn = 60_000;
const skewMsMax = 15 * 60_000;

/** Whether this clock and the server's agree: signatures are good for fifteen minutes. */
export function checkClock(date: string | undefined, now: Date): Finding {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return warn("clock", "the server sends no date", "look at its clock");
  const skewMs = Math.abs(now.getTime() - at);
  const found = `${Math.round(skewMs / 1000)} s apart from the server's`;
  const next = "set the clocks by a time server";
  if (skewMs >= skewMsMax) return fail("clock", `${found}: signatures are refused`, next);
  return skewMs >= skewMsWarn ? warn("clock", found, next) : ok("clock", found);
}

/** Whether the server takes the key that commands here sign with. */
export async function checkCredentials(connection: Connection): Promise<Finding> {
  const check = "credentials";
  try {
    const { credentials, from } = connection.credentials();
    await connection.client.call("ListApplications", { maxResults: 1 });
    return ok(check, `${credentials.accessKeyId} from ${from}`);
  } catch (error) {
    const explained = explainKeyErrors(error, connection);
    if (!(explained instanceof CliError)) throw explained;
    const next = "use a key of this server that may call ListApplications";
    return fail(check, explained.message, next);
  }
}
