import type { iamShapes } from "../../contract/contract.ts";
import { awsPolicies } from "../../identity/identity.ts";
import { type IamEntity, iamPolicies, iamStore } from "../../store/store.ts";
import { groupDetail, policyDetail, roleDetail, userDetail } from "./account-details.ts";
import { askOfAll } from "./entities.ts";
import { type KnownPolicy, requireManaged, type UseCounts, useCounts } from "./managed-policies.ts";
import { readPageOf } from "./paging.ts";
import type { QueryCall, QueryOperation } from "./query-operation.ts";

type Filter = NonNullable<iamShapes.GetAccountAuthorizationDetailsRequest["Filter"]>[number];

/** Something to be shown; where it stands in the listing, and which filter lets it through. */
type Item = { readonly filter: Filter; readonly position: string } & (
  | { readonly entity: IamEntity }
  | { readonly policy: KnownPolicy }
);

const entitiesMax = 10_000;

/**
 * Shows all users, groups, roles and policies with their texts; of AWS's policies those in use
 * ("GetAccountAuthorizationDetails", IAM API Reference).
 */
export const getAccountAuthorizationDetails: QueryOperation<
  "iam",
  "GetAccountAuthorizationDetails"
> = {
  asks: () => askOfAll("iam:GetAccountAuthorizationDetails"),

  async run(input, call) {
    const { Filter: wanted = [] } = input;
    const counts = await useCounts(call.db.read);
    const all = [...(await entityItems(call)), ...(await policyItems(call, counts))].filter(
      ({ filter }) => wanted.length === 0 || wanted.includes(filter),
    );
    const listing = ["GetAccountAuthorizationDetails", ...new Set(wanted)];
    const { items, paging } = await readPageOf(
      call,
      { listing, input },
      all,
      ({ position }) => position,
    );
    const entities = (kind: IamEntity["kind"]): readonly IamEntity[] =>
      items.flatMap((item) => ("entity" in item && item.entity.kind === kind ? item.entity : []));
    const policies = items.flatMap((item) => ("policy" in item ? item.policy : []));
    const { read } = call.db;
    return {
      UserDetailList: await Promise.all(entities("user").map((user) => userDetail(read, user))),
      GroupDetailList: await Promise.all(
        entities("group").map((group) => groupDetail(read, group)),
      ),
      RoleDetailList: await Promise.all(entities("role").map((role) => roleDetail(read, role))),
      Policies: await Promise.all(policies.map((policy) => policyDetail(read, policy, counts))),
      ...paging,
    };
  },
};

async function entityItems(call: QueryCall): Promise<readonly Item[]> {
  const kinds = [
    ["user", "User"],
    ["group", "Group"],
    ["role", "Role"],
  ] as const;
  const query = {
    accountId: call.caller.accountId,
    pathPrefix: "/",
    after: "",
    limit: entitiesMax,
  };
  const lists = await Promise.all(
    kinds.map(async ([kind, filter], order) => {
      const found = await iamStore.listEntities(call.db.read, { ...query, kind });
      return found.map((entity) => ({ filter, position: `${order} ${entity.name}`, entity }));
    }),
  );
  return lists.flat();
}

async function policyItems(call: QueryCall, counts: UseCounts): Promise<readonly Item[]> {
  const own = await iamPolicies.list(call.db.read, call.caller.accountId);
  const used = awsPolicies.filter(
    ({ arn }) => counts(arn, "permissions") + counts(arn, "boundary") > 0,
  );
  const aws = await Promise.all(used.map(({ arn }) => requireManaged(call.db.read, call, arn)));
  return [
    ...own.map((policy) => ({
      filter: "LocalManagedPolicy" as const,
      position: `3 ${policy.name}`,
      policy: { ...policy, isAws: false },
    })),
    ...aws.map((policy) => ({
      filter: "AWSManagedPolicy" as const,
      position: `4 ${policy.name}`,
      policy,
    })),
  ];
}
