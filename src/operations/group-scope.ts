import type { GroupScope } from "../store/store.ts";
import type { Call } from "./call.ts";
import { requireActive, requireApplication, requireResource } from "./not-found.ts";

/** How the service's errors call groups. */
export const groupType = "group";

type Path = {
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId?: string | undefined;
};

/** Where the group of a call lives: in the data source that it names, else in the index. */
export async function groupScope(
  call: Call,
  { applicationId, indexId, dataSourceId }: Path,
  use: "read" | "change",
): Promise<GroupScope> {
  const application = await requireApplication(call, applicationId);
  const index = await requireResource(call, "index", indexId, { applicationId });
  if (dataSourceId !== undefined) {
    const under = { applicationId, indexId };
    const source = await requireResource(call, "dataSource", dataSourceId, under);
    if (use === "change") requireActive(source);
  }
  if (use === "change") {
    requireActive(application);
    requireActive(index);
  }
  return { applicationId, indexId, dataSourceId: dataSourceId ?? "" };
}
