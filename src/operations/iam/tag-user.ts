import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, putTags, tagsOf } from "./tags.ts";

/** Adds tags to a user or changes their values ("TagUser", IAM API Reference). */
export const tagUser: QueryOperation<"iam", "TagUser"> = {
  async asks(input, call) {
    const asked = await askOf(call, "iam:TagUser", { kind: "user", name: input.UserName });
    return asked.map((question) => ({ ...question, tags: tagsOf(input.Tags) }));
  },

  run(input, call) {
    checkTags(input.Tags);
    return change(call, async (trx) => {
      const user = await requireChangeable(trx, call, { kind: "user", name: input.UserName });
      await putTags(trx, call, { arn: user.arn, tags: input.Tags });
      return {};
    });
  },
};
