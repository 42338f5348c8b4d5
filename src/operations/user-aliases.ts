import type { UserAlias as WireAlias } from "../contract/contract.ts";
import type { AliasPlan } from "../principals/principals.ts";
import {
  principals,
  type PrincipalUser,
  type UserAlias,
  type WriteTransaction,
} from "../store/store.ts";
import { apiError } from "../wire/wire.ts";
import type { Call } from "./call.ts";
import { conflict, invalid, notFound, requireResource } from "./not-found.ts";

/** How the service's errors call users. */
export const userType = "user";

type Lists = Readonly<Record<string, readonly WireAlias[] | undefined>>;

/** Checks the form of aliases: a data source means nothing without its index. */
export function checkAliasForms(lists: Lists): void {
  for (const [field, aliases = []] of Object.entries(lists)) {
    for (const [i, { indexId, dataSourceId }] of aliases.entries()) {
      if (indexId !== undefined || dataSourceId === undefined) continue;
      throw invalid(`${field}.${i}.indexId`, "Member must not be null with a dataSourceId");
    }
  }
}

/** Checks where aliases are to count: the index and the data source must be there. */
export async function checkAliasScopes(
  call: Call,
  applicationId: string,
  lists: Lists,
): Promise<void> {
  checkAliasForms(lists);
  for (const aliases of Object.values(lists)) {
    for (const { indexId, dataSourceId } of aliases ?? []) {
      if (indexId === undefined) continue;
      await requireResource(call, "index", indexId, { applicationId });
      if (dataSourceId === undefined) continue;
      await requireResource(call, "dataSource", dataSourceId, { applicationId, indexId });
    }
  }
}

/**
 * Carries out a change of aliases. A name belongs to one user in its scope, and nobody is known
 * everywhere by the id of somebody else.
 */
export async function applyAliases(
  call: Call,
  trx: WriteTransaction,
  user: PrincipalUser,
  plan: AliasPlan,
): Promise<void> {
  const { applicationId } = user;
  for (const alias of plan.added) {
    const owner = await principals.findAliasOwner(trx, { applicationId, ...alias });
    const isGlobal = alias.indexId === "";
    const namesake = isGlobal
      ? await principals.findUser(trx, { applicationId, userId: alias.alias })
      : undefined;
    // One that the same call deletes is still there, and the user's own.
    const isOthers = owner !== undefined && owner !== user.key;
    if (isOthers || (namesake !== undefined && namesake.key !== user.key)) {
      throw conflict(userType, alias.name, `The alias ${alias.name} belongs to another user.`);
    }
  }
  await principals.changeAliases(trx, user, plan);
  const count = (await principals.listAliases(trx, user.key)).length;
  if (count <= call.quotas.aliasesPerUser) return;
  throw apiError("ServiceQuotaExceededException", {
    message: `The user would have ${count} aliases; the most are ${call.quotas.aliasesPerUser}.`,
    resourceId: user.name,
    resourceType: userType,
  });
}

/** A stored alias as the API shows it: in the form it was first given in. */
export function wireAlias({ name, indexId, dataSourceId }: UserAlias): WireAlias {
  return {
    userId: name,
    ...(indexId === "" ? {} : { indexId }),
    ...(dataSourceId === "" ? {} : { dataSourceId }),
  };
}

/** The answer for somebody who was never created and never signed in. */
export function noUser(userId: string): Error {
  return notFound(userType, userId);
}
