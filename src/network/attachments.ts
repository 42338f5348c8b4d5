import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { creationChecks, deletionCheck, type InterfaceCheck } from "../iam/iam.ts";
import type { Caller, Identity } from "../identity/identity.ts";
import {
  type Database,
  type NetworkAttachment,
  networkAttachments,
  resources,
} from "../store/store.ts";
import type { NamedZone, Route } from "./zones.ts";

/** What attachments work with. */
export type AttachmentServices = {
  readonly db: Database;
  readonly identity: Identity;
  readonly ids: Ids;
  readonly log: Log;
  readonly now: Clock;
  readonly region: string;
};

/** The sync of a data source that asks for a network, and the session of the role it asks as. */
export type Attaching = {
  readonly accountId: string;
  readonly applicationId: string;
  readonly dataSourceId: string;
  readonly executionId: string;
  readonly role: Caller;
};

/** Attachments that are available, one for each zone; or the first denial. */
export type Attached = { readonly attachments: readonly NetworkAttachment[] } | NetworkRefusal;

/** What EC2 would answer. */
export type NetworkRefusal = { readonly code: string; readonly refusal: string };

/** Released attachments of a data source that are remembered. */
const rememberedMax = 20;

/**
 * Makes one attachment for each zone of a route, as EC2 makes an interface: asks, in order, whether
 * the role may make it in the subnet, in each security group, with this tag, tag it, and lend it to
 * the service. What was made before a denial is released.
 */
export async function attach(
  services: AttachmentServices,
  route: Route,
  attaching: Attaching,
): Promise<Attached> {
  const made: NetworkAttachment[] = [];
  for (const zone of route.zones) {
    const planned = plan(services, zone, route, attaching);
    const checks = creationChecks(placeOf(services, planned));
    // Making and tagging are one call; lending is another, of what is there by then.
    const refusal = await firstRefusal(services, attaching.role, checks.slice(0, -1));
    if (refusal === undefined) {
      await services.db.write((trx) => networkAttachments.insert(trx, planned));
      made.push(planned);
    }
    const last = refusal ?? (await firstRefusal(services, attaching.role, checks.slice(-1)));
    if (last !== undefined) {
      for (const attachment of made) await release(services, attachment, attaching.role);
      return { code: "UnauthorizedOperation", refusal: last };
    }
    await setStatus(services, planned, "available");
  }
  return { attachments: made };
}

/** Notes that a worker uses the attachments from now on. */
export async function use(
  services: AttachmentServices,
  attachments: readonly NetworkAttachment[],
): Promise<void> {
  for (const attachment of attachments) await setStatus(services, attachment, "in-use");
}

/**
 * Releases an attachment: as the role where it may delete the interface, else as the service, which
 * owns it. The published policy cannot allow it, because its condition asks for a tag that a
 * deletion does not send; that is said once for a data source.
 */
export async function release(
  services: AttachmentServices,
  attachment: NetworkAttachment,
  role: Caller | undefined,
): Promise<void> {
  const { db, log, now } = services;
  const { id, dataSourceId } = attachment;
  const held = await networkAttachments.listHeld(db.read, { dataSourceId });
  // Its data source may have gone while the sync was still running.
  if (!held.some((one) => one.id === id)) return;
  const refusal =
    role === undefined
      ? undefined
      : await refusalOf(services, role, deletionCheck(placeOf(services, attachment)));
  const releasedBy = role !== undefined && refusal === undefined ? "role" : "service";
  if (refusal !== undefined && !(await wasReleasedByService(services, dataSourceId))) {
    log("warn", "network.lint", {
      dataSourceId,
      finding: "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
      reason: `${refusal}; the service released it. Let the statement test aws:ResourceTag/AMAZON_Q.`,
    });
  }
  const isKept = (await resources.find(db.read, "dataSource", dataSourceId)) !== undefined;
  await db.write(async (trx) => {
    await networkAttachments.setStatus(trx, id, { status: "released", releasedBy, at: now() });
    if (isKept) await networkAttachments.trim(trx, dataSourceId, rememberedMax);
    else await networkAttachments.removeOfDataSource(trx, dataSourceId);
  });
  log("info", "network.released", { id, dataSourceId, by: releasedBy });
}

async function wasReleasedByService(
  { db }: AttachmentServices,
  dataSourceId: string,
): Promise<boolean> {
  const known = await networkAttachments.list(db.read, dataSourceId);
  return known.some((one) => one.releasedBy === "service");
}

function plan(
  { ids, now }: AttachmentServices,
  zone: NamedZone,
  { securityGroupIds }: Route,
  { accountId, applicationId, dataSourceId, executionId }: Attaching,
): NetworkAttachment {
  const at = now();
  return {
    id: `eni-${ids.bytes(9).toString("hex").slice(0, 17)}`,
    accountId,
    applicationId,
    dataSourceId,
    executionId,
    subnetId: zone.subnetId,
    vpcId: zone.vpcId,
    availabilityZone: zone.availabilityZone,
    securityGroupIds,
    tags: { [tagKey]: `qbusiness_${accountId}_${applicationId}_${dataSourceId}` },
    status: "pending",
    releasedBy: undefined,
    createdAt: at,
    updatedAt: at,
  };
}

/** Source: "IAM role for Amazon S3 connector", user guide, VPC access permissions. */
const tagKey = "AMAZON_Q";

function placeOf(
  { region }: AttachmentServices,
  { accountId: account, id: interfaceId, ...attachment }: NetworkAttachment,
): Parameters<typeof creationChecks>[0] {
  return { ...attachment, region, account, interfaceId };
}

async function firstRefusal(
  services: AttachmentServices,
  role: Caller,
  checks: readonly InterfaceCheck[],
): Promise<string | undefined> {
  for (const check of checks) {
    const refusal = await refusalOf(services, role, check);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

async function refusalOf(
  { identity, now, region }: AttachmentServices,
  role: Caller,
  { action, arn, requestTags = {}, context }: InterfaceCheck,
): Promise<string | undefined> {
  const verdict = await identity.authorize(role, {
    action,
    resources: [{ arn, account: role.accountId, context }],
    tags: Object.entries(requestTags).map(([key, value]) => ({ key, value })),
    facts: { now: now(), region, isSecure: true, sourceIp: "127.0.0.1" },
  });
  return verdict.isAllowed ? undefined : verdict.message;
}

async function setStatus(
  { db, now }: AttachmentServices,
  { id }: NetworkAttachment,
  status: "available" | "in-use",
): Promise<void> {
  await db.write((trx) => networkAttachments.setStatus(trx, id, { status, at: now() }));
}
