import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { openFakeTier, type FakeTier } from "./fake-tier.ts";

export type OpenPage = {
  readonly page: Page;
  readonly tier: FakeTier;
  /** Everything the browser asked for, to see that nothing goes elsewhere. */
  readonly requests: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

type PageOptions = BrowserContextOptions & {
  readonly prepare?: (tier: FakeTier) => void;
  /** The page's clock can be put forward with `page.clock`. */
  readonly hasClock?: boolean;
};

/**
 * Opens the page of a fresh tier in a fresh browser context. When it is closed, no error may have been
 * logged but those of responses that a test asked for: so a violated content policy fails every test.
 */
export async function openPage(
  browser: Browser,
  { prepare, hasClock, ...options }: PageOptions = {},
): Promise<OpenPage> {
  const tier = await openFakeTier();
  prepare?.(tier);
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    const isOfResponse = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isOfResponse) errors.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  if (hasClock === true) await page.clock.install();
  await page.goto(tier.url);
  return {
    page,
    tier,
    requests,
    async [Symbol.asyncDispose]() {
      await context.close();
      await tier[Symbol.asyncDispose]();
      assert.deepEqual(errors, []);
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
