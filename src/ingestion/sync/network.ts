import type { Agents, VpcConfiguration } from "../../network/network.ts";
import type { BucketRole, Objects } from "../../objects/objects.ts";
import type { Resource } from "../../store/store.ts";
import type { SourceRecord } from "../stored-records.ts";
import { SourceFailure } from "./failure.ts";
import type { SyncServices } from "./services.ts";

/** How a sync reaches what it reads, until it is disposed of. */
export type Way = AsyncDisposable & {
  readonly objects: Objects;
  /** For all other traffic of the data source. */
  readonly agents: Agents;
};

/**
 * Opens the way of a sync. A data source that names subnets gets an attachment to their zones, for
 * which its role must have the permissions, and reaches nothing but through them.
 *
 * @throws SourceFailure with the first denial.
 */
export async function openWay(
  services: SyncServices,
  about: {
    readonly source: Resource<SourceRecord>;
    readonly application: Resource<unknown>;
    readonly role: BucketRole;
    readonly executionId: string;
  },
): Promise<Way> {
  const { network, objects } = services;
  const { vpcConfiguration: vpc } = about.source.record;
  if (vpc === undefined) {
    return {
      objects,
      agents: network.outside.agents,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const connection = await connect(services, vpc, about);
  if ("refusal" in connection) {
    throw new SourceFailure(connection.code, connection.refusal);
  }
  const { agents } = connection.egress;
  await using opened = new AsyncDisposableStack();
  opened.defer(connection.release);
  const through = opened.use(objects.through(agents));
  const held = opened.move();
  return { objects: through, agents, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function connect(
  { identity, network }: SyncServices,
  vpc: VpcConfiguration,
  { source, application, role, executionId }: Parameters<typeof openWay>[1],
): ReturnType<SyncServices["network"]["connect"]> {
  const assumed = await identity.assumeAsService({
    roleArn: role.arn,
    service: "qbusiness.amazonaws.com",
    sourceArn: application.arn,
    sessionName: role.sessionName,
  });
  if (assumed.kind !== "assumed") throw new SourceFailure("", assumed.message);
  const { accountId, applicationId, id: dataSourceId } = source;
  const attaching = { accountId, applicationId, dataSourceId, executionId };
  return network.connect(vpc, { ...attaching, role: assumed.caller });
}
