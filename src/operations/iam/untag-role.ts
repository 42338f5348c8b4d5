import { tags as tagStore } from "../../store/store.ts";
import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeTags } from "./tags.ts";

/** Takes tags off a role; keys are told apart without case ("UntagRole", IAM API Reference). */
export const untagRole: QueryOperation<"iam", "UntagRole"> = {
  async asks(input, call) {
    const asked = await askOf(call, "iam:UntagRole", { kind: "role", name: input.RoleName });
    return asked.map((question) => ({ ...question, tagKeys: input.TagKeys }));
  },

  run: (input, call) =>
    change(call, async (trx) => {
      const role = await requireChangeable(trx, call, { kind: "role", name: input.RoleName });
      const keys = new Set(input.TagKeys.map((key) => key.toLowerCase()));
      const known = await tagStore.list(trx, role.arn);
      const removed = known.filter(({ key }) => keys.has(key.toLowerCase()));
      await removeTags(trx, role.arn, removed);
      return {};
    }),
};
