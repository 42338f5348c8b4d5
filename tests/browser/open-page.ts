import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type FakeTier, openFakeTier } from "./fake-tier.ts";

export type Post = { readonly path: string; readonly body: Readonly<Record<string, unknown>> };

export type OpenPage = {
  readonly page: Page;
  /** Everything the browser asked for, to see that nothing goes elsewhere. */
  readonly requests: readonly string[];
  /** What the page sent, in order. */
  readonly posts: readonly Post[];
  [Symbol.asyncDispose](): Promise<void>;
};

export type PageOptions = BrowserContextOptions & {
  /** The page's clock can be put forward with `page.clock`. */
  readonly hasClock?: boolean;
};

/**
 * Opens an address in a fresh browser context. When it is closed, no error may have been logged
 * but those of responses that a test asked for: so a violated content policy fails every test.
 */
export async function openAddress(
  browser: Browser,
  address: string,
  { hasClock, ...options }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  const requests: string[] = [];
  const posts: Post[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    const isOfResponse = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isOfResponse) errors.push(message.text());
  });
  page.on("request", (request) => {
    requests.push(request.url());
    const sent = request.method() === "POST" ? request.postData() : null;
    if (sent === null) return;
    const path = new URL(request.url()).pathname.replace(/^.*(?=\/)/, "");
    posts.push({ path, body: JSON.parse(sent) as Post["body"] });
  });
  if (hasClock === true) await page.clock.install();
  await page.goto(address);
  return {
    page,
    requests,
    posts,
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(errors, []);
    },
  };
}

/** Opens the page of a fresh scripted tier. */
export async function openScripted(
  browser: Browser,
  { prepare, ...options }: PageOptions & { readonly prepare?: (tier: FakeTier) => void } = {},
): Promise<OpenPage & { readonly tier: FakeTier }> {
  const tier = await openFakeTier();
  prepare?.(tier);
  const open = await openAddress(browser, tier.url, options);
  return {
    ...open,
    tier,
    async [Symbol.asyncDispose]() {
      await tier[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}

/** The name of the element that has the focus, as assistive technology would call it. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(
    `(() => {
      const at = document.activeElement;
      return at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent ?? at.tagName;
    })()`,
  );
}

/** Presses Tab (or Shift+Tab) until the element of this name has the focus; at most 40 times. */
export async function tabTo(page: Page, name: RegExp, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key);
    if (name.test(await focusedName(page))) return;
  }
  assert.fail(`no element called ${String(name)} can be reached with ${key}`);
}

/** Asks by keyboard and waits until the answer is there, or has failed. */
export async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: "Your question" }).fill(question);
  await page.keyboard.press("Enter");
  const article = page.locator("article[aria-busy=false]", { hasText: question });
  await article.locator(".tools, .failure").waitFor();
}
