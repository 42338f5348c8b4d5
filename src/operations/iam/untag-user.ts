import { tags as tagStore } from "../../store/store.ts";
import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { removeTags } from "./tags.ts";

/** Takes tags off a user; keys are told apart without case ("UntagUser", IAM API Reference). */
export const untagUser: QueryOperation<"iam", "UntagUser"> = {
  async asks(input, call) {
    const asked = await askOf(call, "iam:UntagUser", { kind: "user", name: input.UserName });
    return asked.map((question) => ({ ...question, tagKeys: input.TagKeys }));
  },

  run: (input, call) =>
    change(call, async (trx) => {
      const user = await requireChangeable(trx, call, { kind: "user", name: input.UserName });
      const keys = new Set(input.TagKeys.map((key) => key.toLowerCase()));
      const known = await tagStore.list(trx, user.arn);
      const removed = known.filter(({ key }) => keys.has(key.toLowerCase()));
      await removeTags(trx, user.arn, removed);
      return {};
    }),
};
