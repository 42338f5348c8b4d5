import { askOf, requireChangeable } from "./entities.ts";
import { change, type QueryOperation } from "./query-operation.ts";
import { checkTags, putTags, tagsOf } from "./tags.ts";

/** Adds tags to a role or changes their values ("TagRole", IAM API Reference). */
export const tagRole: QueryOperation<"iam", "TagRole"> = {
  async asks(input, call) {
    const asked = await askOf(call, "iam:TagRole", { kind: "role", name: input.RoleName });
    return asked.map((question) => ({ ...question, tags: tagsOf(input.Tags) }));
  },

  run(input, call) {
    checkTags(input.Tags);
    return change(call, async (trx) => {
      const role = await requireChangeable(trx, call, { kind: "role", name: input.RoleName });
      await putTags(trx, call, { arn: role.arn, tags: input.Tags });
      return {};
    });
  },
};
