import type {
  Application,
  DataSource,
  DocumentDetails,
  Index,
  Retriever,
  WebExperience,
} from "../contract/contract.ts";
import type { Client } from "./client/client.ts";
import { allPages } from "./client/pages.ts";

/** An application by its id. */
export type InApplication = { readonly applicationId: string };
/** An index by its ids. */
export type InIndex = InApplication & { readonly indexId: string };
/** A data source by its ids. */
export type InDataSource = InIndex & { readonly dataSourceId: string };

/** Every application of the caller's account. */
export function listApplications(client: Client): AsyncIterable<Application> {
  return allPages(async (page) => {
    const { applications: items, nextToken } = await client.call("ListApplications", page);
    return { items, nextToken };
  });
}

/** Every index of an application. */
export function listIndices(client: Client, of: InApplication): AsyncIterable<Index> {
  return allPages(async (page) => {
    const { indices: items, nextToken } = await client.call("ListIndices", { ...of, ...page });
    return { items, nextToken };
  });
}

/** Every retriever of an application. */
export function listRetrievers(client: Client, of: InApplication): AsyncIterable<Retriever> {
  return allPages(async (page) => {
    const { retrievers: items, nextToken } = await client.call("ListRetrievers", {
      ...of,
      ...page,
    });
    return { items, nextToken };
  });
}

/** Every data source of an index. */
export function listDataSources(client: Client, of: InIndex): AsyncIterable<DataSource> {
  return allPages(async (page) => {
    const output = await client.call("ListDataSources", { ...of, ...page });
    return { items: output.dataSources, nextToken: output.nextToken };
  });
}

/** Every web experience of an application. */
export function listWebExperiences(
  client: Client,
  of: InApplication,
): AsyncIterable<WebExperience> {
  return allPages(async (page) => {
    const output = await client.call("ListWebExperiences", { ...of, ...page });
    return { items: output.webExperiences, nextToken: output.nextToken };
  });
}

/** Every document that a data source brought. */
export function listDocuments(client: Client, of: InDataSource): AsyncIterable<DocumentDetails> {
  const { applicationId, indexId, dataSourceId } = of;
  return allPages(async (page) => {
    const input = { applicationId, indexId, dataSourceIds: [dataSourceId], ...page };
    const output = await client.call("ListDocuments", input);
    return { items: output.documentDetailList, nextToken: output.nextToken };
  });
}
