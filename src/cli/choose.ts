import type { Application, DataSource } from "../contract/contract.ts";
import { type Client, ServiceError } from "./client/client.ts";
import { usageError } from "./context.ts";
import { findDemoApplication } from "./demo/marks.ts";
import { collect } from "./client/pages.ts";
import { type InDataSource, listApplications, listDataSources, listIndices } from "./listings.ts";

/**
 * The application to work with: the one named, else the only one, else the demo's.
 *
 * @throws CliError with exit code 2 that lists the choice, or says how to make an application.
 */
export async function chooseApplication(client: Client, named?: string): Promise<string> {
  if (named !== undefined) return named;
  const all = (await listed(client)).filter(
    ({ status }) => status !== "DELETING" && status !== "FAILED",
  );
  if (all.length === 0) {
    throw usageError('There is no application yet; make one, or run "quarry demo".');
  }
  const only = all.length === 1 ? all[0] : undefined;
  const chosen = only ?? (await findDemoApplication(client));
  if (chosen?.applicationId !== undefined) return chosen.applicationId;
  throw usageError(
    `There are ${all.length} applications; name one with --application: ${choice(all)}.`,
  );
}

/** Callers who may only ask, as the demo's user, may not list. */
async function listed(client: Client): Promise<readonly Application[]> {
  try {
    return await collect(listApplications(client));
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "AccessDeniedException") throw error;
    throw usageError(`${error.message} Name the application with --application.`);
  }
}

/**
 * The data source to work with: the one named, else the only one of the application.
 *
 * @throws CliError with exit code 2 that lists the choice.
 */
export async function chooseDataSource(
  client: Client,
  applicationId: string,
  named?: string,
): Promise<InDataSource> {
  const found: (DataSource & InDataSource)[] = [];
  for await (const { indexId = "" } of listIndices(client, { applicationId })) {
    for await (const source of listDataSources(client, { applicationId, indexId })) {
      const { dataSourceId = "" } = source;
      found.push({ ...source, applicationId, indexId, dataSourceId });
    }
  }
  if (found.length === 0) {
    throw usageError(`The application ${applicationId} has no data source; make one first.`);
  }
  const wanted = named === undefined ? found : found.filter((one) => one.dataSourceId === named);
  const [first, second] = wanted;
  if (first !== undefined && second === undefined) {
    const { indexId, dataSourceId } = first;
    return { applicationId, indexId, dataSourceId };
  }
  const all = found.map(({ dataSourceId, displayName }) => `${dataSourceId} (${displayName})`);
  throw usageError(
    named === undefined
      ? `The application has ${found.length} data sources; name one with --data-source: ${all.join(", ")}.`
      : `The application has no data source ${named}; there are ${all.join(", ")}.`,
  );
}

const shownMax = 5;

function choice(all: readonly Application[]): string {
  const shown = all.slice(0, shownMax).map((one) => `${one.applicationId} (${one.displayName})`);
  return shown.join(", ") + (all.length > shownMax ? ", …" : "");
}
