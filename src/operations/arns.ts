import type { Call } from "./call.ts";

type Ids = {
  readonly applicationId: string;
  readonly indexId?: string;
  readonly dataSourceId?: string;
  readonly retrieverId?: string;
  readonly webExperienceId?: string;
};

/**
 * The ARN of the deepest thing that the ids name ("Actions, resources, and condition keys for
 * Amazon Q Business", Service Authorization Reference). ARN words differ from URL words.
 */
export function arnOf(call: Pick<Call, "region" | "caller">, ids: Ids): string {
  const parts = [`application/${ids.applicationId}`];
  if (ids.indexId !== undefined) parts.push(`index/${ids.indexId}`);
  if (ids.dataSourceId !== undefined) parts.push(`data-source/${ids.dataSourceId}`);
  if (ids.retrieverId !== undefined) parts.push(`retriever/${ids.retrieverId}`);
  if (ids.webExperienceId !== undefined) parts.push(`web-experience/${ids.webExperienceId}`);
  return `arn:aws:qbusiness:${call.region}:${call.caller.accountId}:${parts.join("/")}`;
}
