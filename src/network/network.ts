/**
 * The ways out of connectors, and who may use them.
 *
 * Words: a *zone* is what a subnet names here: the network directly, or a proxy. A *security group*
 * lists destinations. An *attachment* stands for a network interface: one data source in one zone
 * for one sync. An *egress* is a way out that is open; clients get it as agents.
 *
 * Not for: incoming connections, the issuers of users who sign in, the credentials of a store.
 */
import type { NetworkConfig } from "../core/network-config.ts";
import type { Caller } from "../identity/identity.ts";
import { type NetworkAttachment, networkAttachments, resources } from "../store/store.ts";
import { allowList } from "./allow-list.ts";
import {
  attach,
  type Attaching,
  type AttachmentServices,
  type NetworkRefusal,
  release,
  use,
} from "./attachments.ts";
import type { Attempted, Resolve } from "./dial.ts";
import { type Egress, openEgress } from "./egress.ts";
import { findRoute, type Route, type VpcConfiguration, type VpcFault } from "./zones.ts";

export type { Agents } from "./agents.ts";
export type { Attempted, Dial, DialRules, Resolve } from "./dial.ts";
export { type Egress, openEgress } from "./egress.ts";
export { post, type Posted } from "./post.ts";
export type { VpcConfiguration, VpcFault } from "./zones.ts";

/** A data source's way out, for one sync. */
export type Connection = {
  readonly egress: Egress;
  /** Ends it; to be called once the sync has ended, however it did. */
  readonly release: () => Promise<void>;
};

/** The networks of an installation. */
export type Network = {
  /** Without a zone: everywhere but at link-local addresses and those of metadata services. */
  readonly outside: Egress;
  /** Why a data source may not have such a network; undefined where it may. */
  readonly faultOf: (vpc: VpcConfiguration) => VpcFault | undefined;
  /** Attaches a sync to its data source's zones, or says what denies it. */
  readonly connect: (
    vpc: VpcConfiguration,
    attaching: Attaching,
  ) => Promise<Connection | NetworkRefusal>;
  /** Releases what a process that died has left behind; to be called before syncs start. */
  readonly releaseLeft: () => Promise<void>;
  /** Releases what a data source that is being deleted holds. */
  readonly releaseOf: (dataSourceId: string) => Promise<void>;
  readonly close: () => void;
};

const notFound = {
  subnetIds: "InvalidSubnetID.NotFound",
  securityGroupIds: "InvalidGroup.NotFound",
} as const;

const nothing: NetworkConfig = { zones: {}, securityGroups: {} };

/** The networks that the operator configured. */
export function createNetwork(
  services: AttachmentServices & {
    readonly config?: NetworkConfig | undefined;
    /** As the system resolves, where it is not set. */
    readonly resolve?: Resolve;
  },
): Network {
  const { config = nothing, resolve } = services;
  const resolving = resolve === undefined ? {} : { resolve };
  const record = (attempted: Attempted): void => {
    if (attempted.refusal !== undefined) note(services, attempted, {});
  };
  const outside = openEgress({ ...resolving, record });
  const open = new Map<string, Egress>();
  const end = async (held: readonly NetworkAttachment[], role?: Caller): Promise<void> => {
    for (const attachment of held) {
      open.get(attachment.id)?.close();
      open.delete(attachment.id);
      await release(services, attachment, role ?? (await roleOf(services, attachment)));
    }
  };
  return {
    outside,
    faultOf: (vpc) => {
      const route = findRoute(config, vpc);
      return "member" in route ? route : undefined;
    },
    connect: async (vpc, attaching) => {
      const route = findRoute(config, vpc);
      // Zones may be gone since the data source was made.
      if ("member" in route) return { code: notFound[route.member], refusal: `${route.message}.` };
      const attached = await attach(services, route, attaching);
      if ("refusal" in attached) return attached;
      const { attachments } = attached;
      const [first] = attachments;
      const about = { dataSourceId: attaching.dataSourceId, attachment: first?.id };
      const egress = openEgress({ ...resolving, ...rulesOf(services, route, about) });
      for (const { id } of attachments) open.set(id, egress);
      await use(services, attachments);
      return { egress, release: () => end(attachments, attaching.role) };
    },
    releaseLeft: async () => end(await networkAttachments.listHeld(services.db.read)),
    releaseOf: async (dataSourceId) =>
      end(await networkAttachments.listHeld(services.db.read, { dataSourceId })),
    close: () => {
      for (const egress of [outside, ...open.values()]) egress.close();
    },
  };
}

type About = { readonly dataSourceId?: string; readonly attachment?: string | undefined };

/** All zones of a route have one kind of backend: that is checked when the server starts. */
function rulesOf(
  services: AttachmentServices,
  { zones, destinations }: Route,
  about: About,
): Parameters<typeof openEgress>[0] {
  const allows = allowList(destinations);
  const proxies = zones.flatMap(({ backend }) => (backend.kind === "proxy" ? [backend.url] : []));
  const seen = new Set<string>();
  const record = (attempted: Attempted): void => {
    const { host, port, addresses, refusal } = attempted;
    const key = `${host} ${port} ${refusal}`;
    // A sync opens many connections to few places.
    if (seen.has(key) || seen.size >= notedMax) return;
    seen.add(key);
    const isListed = addresses.some((address) => allows(address, port));
    note(services, attempted, { ...about, isListed });
  };
  return proxies.length === 0 ? { record } : { record, proxies, allows };
}

const notedMax = 1000;

function note(
  { log }: AttachmentServices,
  { host, port, addresses, refusal }: Attempted,
  about: About & { readonly isListed?: boolean },
): void {
  const fields = { ...about, host, port, addresses: addresses.join(" ") };
  if (refusal === undefined) log("info", "network.connection", fields);
  else log("warn", "network.refused", { ...fields, reason: refusal });
}

/** A session of the role of an attachment's data source, where there still is one. */
async function roleOf(
  { db, identity }: AttachmentServices,
  { applicationId, dataSourceId }: NetworkAttachment,
): Promise<Caller | undefined> {
  type Record = { readonly roleArn?: string };
  const source = await resources.find<Record>(db.read, "dataSource", dataSourceId);
  const application = await resources.find<unknown>(db.read, "application", applicationId);
  if (source?.record.roleArn === undefined || application === undefined) return undefined;
  const assumed = await identity.assumeAsService({
    roleArn: source.record.roleArn,
    service: "qbusiness.amazonaws.com",
    sourceArn: application.arn,
    sessionName: `QBusiness-${dataSourceId}`,
  });
  return assumed.kind === "assumed" ? assumed.caller : undefined;
}
