import { type Database, type WebSession } from "../store/store.ts";
import { ApiError } from "../wire/wire.ts";
import type { Outgoing } from "./exchange.ts";
import { jsonAnswer } from "./page-answer.ts";
import type { RoleCall } from "./web-call.ts";
import { findSite, samplePromptsOf } from "./web-site.ts";

/**
 * What the page's start screen shows. The texts are the site's own and need no permission; the
 * name of the application is read as the role. A site that was deleted under a running session
 * has no texts any more; the session goes on.
 */
export async function answerState(
  call: RoleCall,
  session: WebSession,
  db: Database["read"],
): Promise<Outgoing> {
  const site = await findSite(db, session);
  return jsonAnswer(200, {
    title: site?.title ?? "",
    subtitle: site?.subtitle ?? "",
    welcomeMessage: site?.welcomeMessage ?? "",
    samplePrompts: site === undefined ? [] : await samplePromptsOf(db, site),
    applicationName: await applicationNameOf(call, session.applicationId),
    expiresAt: session.expiresAt.getTime() / 1000,
  });
}

async function applicationNameOf(call: RoleCall, applicationId: string): Promise<string> {
  try {
    return (await call.invoke("GetApplication", { applicationId })).displayName ?? "";
  } catch (error) {
    // Published policies for anonymous sites differ in whether they allow this; asking and
    // answering need no name.
    if (error instanceof ApiError && error.name === "AccessDeniedException") return "";
    throw error;
  }
}
