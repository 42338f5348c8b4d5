import type { CreateWebExperienceRequest } from "../contract/contract.ts";
import { type Database, resources, tags } from "../store/store.ts";
import type { SiteIds } from "./page-route.ts";

/** What the visitor of a site sees of it. */
export type Site = {
  readonly arn: string;
  readonly title: string;
  readonly subtitle: string;
  readonly welcomeMessage: string;
  readonly hasSamplePrompts: boolean;
  readonly origins: readonly string[];
  /** Empty where the site was made without one: then nothing can be asked. */
  readonly roleArn: string;
  readonly isAnonymous: boolean;
};

type SiteRecord = Partial<Omit<CreateWebExperienceRequest, "applicationId">>;
type Readable = Database["read"];

/** A site that can be visited: it and its application are in use. */
export async function findSite(db: Readable, ids: SiteIds): Promise<Site | undefined> {
  const { applicationId, webExperienceId } = ids;
  const [site, application] = await Promise.all([
    resources.find<SiteRecord>(db, "webExperience", webExperienceId),
    resources.find<{ readonly identityType?: string }>(db, "application", applicationId),
  ]);
  if (site?.applicationId !== applicationId || site.status !== "ACTIVE") return undefined;
  if (application?.status !== "ACTIVE") return undefined;
  const { record } = site;
  return {
    arn: site.arn,
    title: record.title ?? "",
    subtitle: record.subtitle ?? "",
    welcomeMessage: record.welcomeMessage ?? "",
    hasSamplePrompts: record.samplePromptsControlMode === "ENABLED",
    origins: record.origins ?? [],
    roleArn: record.roleArn ?? "",
    isAnonymous: application.record.identityType === "ANONYMOUS",
  };
}

const previewTag = "quarry:preview";
const promptsTag = "quarry:sample-prompts";
const promptsMax = 6;
const promptCharactersMax = 200;

// The service shows a fixed set, which may not fit the documents ("Quick prompts", user guide).
const neutralPrompts = [
  "What should I read first?",
  "Who can help me with a question?",
  "Which rules apply to everybody?",
];

/** Whether the site's owner lets visitors of this machine in without a link. */
export async function isPreviewed(db: Readable, { arn }: Pick<Site, "arn">): Promise<boolean> {
  return (await tags.list(db, arn)).some(
    ({ key, value }) => key === previewTag && value === "true",
  );
}

/** Questions for the start screen: the owner's own, from a tag, or a few that fit anywhere. */
export async function samplePromptsOf(
  db: Readable,
  site: Pick<Site, "arn" | "hasSamplePrompts">,
): Promise<readonly string[]> {
  if (!site.hasSamplePrompts) return [];
  const tag = (await tags.list(db, site.arn)).find(({ key }) => key === promptsTag);
  const own = tag === undefined ? [] : parsePrompts(tag.value);
  return own.length > 0 ? own : neutralPrompts;
}

/** Reads `["One?","Two?"]` or `One?|Two?`. */
export function parsePrompts(value: string): readonly string[] {
  const texts = value.trimStart().startsWith("[") ? listIn(value) : value.split("|");
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "" && text.length <= promptCharactersMax)
    .slice(0, promptsMax);
}

function listIn(value: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  } catch {
    // Whoever wrote the tag sees the neutral questions instead of theirs.
    return [];
  }
}
