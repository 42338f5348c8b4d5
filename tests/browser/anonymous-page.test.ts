import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { demoPage, sampleQuestions } from "../../src/cli/demo/content.ts";
import { launchChromium } from "./chromium.ts";
import { textContrasts } from "./contrast.ts";
import { findBrowser } from "./find-browser.ts";
import { ask, focusedName, openAddress, tabTo } from "./open-page.ts";
import { openRealSite, type RealSite } from "./real-site.ts";

const { executablePath, skip } = findBrowser();
const [leaveQuestion] = sampleQuestions;

describe("the anonymous page of a real server", { skip }, () => {
  let browser: Browser;
  let site: RealSite;
  before(async () => {
    [browser, site] = await Promise.all([launchChromium(executablePath), openRealSite()]);
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
  });

  test("from one-time link to an answer with its source, by keyboard alone", async () => {
    const made = await site.makeSite();
    const link = await site.mintLink(made);
    await using open = await openAddress(browser, link);
    const { page } = open;
    await page.getByRole("heading", { name: "Ask Pellwick" }).waitFor();
    assert.equal(
      page.url(),
      `${site.origin}/web/${made.applicationId}/${made.webExperienceId}`,
      "the link's secret is out of the address",
    );
    await tabTo(page, /^Your question$/);
    await page.keyboard.type(leaveQuestion);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    assert.match((await page.locator(".prose").textContent()) ?? "", /27 days of paid annual/);
    await tabTo(page, /^Source 1/, "Shift+Tab");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Leave and time off" });
    assert.match((await dialog.locator("mark").first().textContent()) ?? "", /27 days/);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.match(await focusedName(page), /^Source 1/);
    assert.ok(!(await page.evaluate<string>("document.cookie")).includes("session"));
    assert.deepEqual(
      open.requests.filter((url) => !url.startsWith(`${site.origin}/`)),
      [],
    );
  });

  test("going back does not lead to the link again", async () => {
    const link = await site.mintLink(await site.makeSite());
    await using open = await openAddress(browser, "about:blank");
    await open.page.goto(link);
    await open.page.getByRole("textbox").waitFor();
    await open.page.goBack();
    assert.equal(open.page.url(), "about:blank");
  });

  test("a link that was opened says to everybody else that a fresh one is needed", async () => {
    const link = await site.mintLink(await site.makeSite());
    await using first = await openAddress(browser, link);
    await first.page.getByRole("textbox").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await using second = await openAddress(browser, link, { colorScheme });
      await second.page.getByRole("heading", { name: "A fresh link is needed" }).waitFor();
      assert.equal(await focusedName(second.page), "A fresh link is needed");
      assert.equal(await second.page.title(), "A fresh link is needed");
      const texts = await textContrasts(second.page);
      assert.ok(texts.length >= 3);
      assert.deepEqual(
        texts.filter(({ isEnough }) => !isEnough),
        [],
      );
    }
    await first.page.reload();
    await first.page.getByRole("textbox").waitFor();
  });

  test("a scanner that runs no script leaves the link to its reader", async () => {
    const link = await site.mintLink(await site.makeSite());
    await using scanner = await openAddress(browser, link, { javaScriptEnabled: false });
    await scanner.page.getByRole("heading", { name: "Opening" }).waitFor();
    await using reader = await openAddress(browser, link);
    await reader.page.getByRole("textbox").waitFor();
  });

  test("the demo is visited without a link from this machine; other sites explain", async () => {
    await using demo = await openAddress(browser, site.pageUrl);
    await demo.page.getByRole("heading", { name: demoPage.title }).waitFor();
    await demo.page.getByRole("button", { name: sampleQuestions[2] }).click();
    await demo.page.getByRole("heading", { name: "Sources" }).waitFor();
    assert.match((await demo.page.locator(".prose").textContent()) ?? "", /12 seconds/);

    const { applicationId, webExperienceId } = await site.makeSite();
    const address = `${site.origin}/web/${applicationId}/${webExperienceId}`;
    await using other = await openAddress(browser, address);
    await other.page.getByRole("heading", { name: "A fresh link is needed" }).waitFor();
    await other.page.getByText("CreateAnonymousWebExperienceUrl").waitFor();
    assert.equal(await other.page.getByRole("textbox").count(), 0);
    await using none = await openAddress(browser, address.slice(0, -1) + "x");
    await none.page.getByRole("heading", { name: "This site does not exist" }).waitFor();
  });

  test("documents for the People team alone are never shown to a visitor", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    for (const question of ["What are the salary bands?", "What is the range of Osprey-3?"]) {
      await ask(open.page, question);
    }
    const shown = (await open.page.locator("main").textContent()) ?? "";
    assert.doesNotMatch(shown, /48,270|salary-bands|Restricted to the People/);
  });

  test("a follow-up continues the conversation, a new conversation forgets it", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    const { page, posts } = open;
    await ask(page, leaveQuestion);
    await ask(page, "Who gets a doctor's note?");
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("heading", { name: demoPage.title }).waitFor();
    await ask(page, "How long is a sabbatical?");
    const [first, second, third] = posts.map(({ body }) => body);
    assert.deepEqual(Object.keys(first ?? {}), ["message"]);
    assert.match(String(second?.["conversationId"]), /^[0-9a-f-]{36}$/);
    assert.match(String(second?.["parentMessageId"]), /^[0-9a-f-]{36}$/);
    assert.deepEqual(third, { message: "How long is a sabbatical?" });
    assert.equal(await page.locator(".failure").count(), 0);
    assert.equal(await page.locator("article").count(), 1);
  });

  test("feedback reaches the server, and the completed answer is announced once", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    const { page } = open;
    await ask(page, leaveQuestion);
    const live = (await page.locator("[aria-live=polite]").textContent()) ?? "";
    assert.match(live, /^Answer: Every full-time employee has 27 days of .* One source\.$/s);
    const reported = async (act: () => Promise<void>): Promise<void> => {
      const answered = page.waitForResponse((response) => response.url().endsWith("/feedback"));
      await act();
      assert.equal((await answered).status(), 200);
    };
    await reported(() => page.getByRole("button", { name: "Good answer" }).click());
    await page.getByText("Thank you.").waitFor();
    await page.getByRole("button", { name: "Bad answer" }).click();
    await page.getByRole("radio").nth(2).check();
    await page.getByRole("textbox", { name: /Anything to add/ }).fill("Part-time?");
    const send = page.getByRole("button", { name: "Send", exact: true }).first();
    await reported(() => send.click());
    await reported(() => page.getByRole("button", { name: "Copy answer" }).click());
    await page.getByText("Copied.").waitFor();
  });

  test("a site may be framed by its origins and by nobody else", async () => {
    await using host = await openHost(site);
    const page = await openFrames(browser, host);
    await page.frameLocator("#allowed").getByRole("textbox").fill(leaveQuestion);
    await page.frameLocator("#allowed").getByRole("textbox").press("Enter");
    await page.frameLocator("#allowed").getByRole("heading", { name: "Sources" }).waitFor();
    assert.equal(await page.frameLocator("#refused").getByRole("heading").count(), 0);
    await page.context().close();
    await using open = await openAddress(browser, host.refusedLink);
    await open.page.getByRole("textbox").waitFor();
  });

  test("a role that lost its permission, or its trust, is said without names", async () => {
    const made = await site.makeSite();
    await using open = await openAddress(browser, await site.mintLink(made));
    const { page } = open;
    await page.getByRole("textbox").waitFor();
    await site.client.iam("DeleteRolePolicy", { RoleName: made.roleName, PolicyName: "web" });
    await ask(page, leaveQuestion);
    const alert = (await page.getByRole("alert").textContent()) ?? "";
    assert.match(alert, /This site is not allowed to answer at the moment/);
    assert.doesNotMatch(alert, /arn:|role\/|qbusiness:/);
    const trust = { Version: "2012-10-17", Statement: [] as object[] };
    trust.Statement.push({
      Effect: "Allow",
      Principal: { Service: "application.qbusiness.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:qbusiness:us-east-1:111122223333:x" } },
    });
    await site.client.iam("UpdateAssumeRolePolicy", {
      RoleName: made.roleName,
      PolicyDocument: JSON.stringify(trust),
    });
    await page.reload();
    await page.getByRole("heading", { name: "This site cannot answer now" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
  });

  test("a session goes on after its site was deleted", async () => {
    const made = await site.makeSite();
    await using open = await openAddress(browser, await site.mintLink(made));
    await open.page.getByRole("textbox").waitFor();
    const { applicationId, webExperienceId } = made;
    await site.client.call("DeleteWebExperience", { applicationId, webExperienceId });
    await ask(open.page, leaveQuestion);
    await open.page.getByRole("heading", { name: "Sources" }).waitFor();
    await open.page.reload();
    await open.page.getByRole("textbox").waitFor();
  });

  test("when the time is up asking ends, and what was read stays", async () => {
    await using open = await openAddress(browser, site.pageUrl, { hasClock: true });
    const { page, posts } = open;
    await ask(page, leaveQuestion);
    await page.getByRole("textbox").fill("More?");
    assert.equal(await page.getByText("This session").count(), 0);
    await page.clock.fastForward("58:30");
    await page.getByText("This session ends within two minutes.").waitFor();
    await page.clock.fastForward("02:00");
    await page.getByText("This session has ended.").waitFor();
    assert.equal(await page.getByText("Every full-time employee").first().isVisible(), true);
    assert.equal(await page.getByRole("textbox").isEditable(), false);
    await page.keyboard.press("Enter");
    assert.equal(posts.length, 1);
  });

  test("a session that is over is noticed at the next question", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.context().clearCookies();
    await page.keyboard.press("Enter");
    await page.getByText("This session has ended.", { exact: true }).first().waitFor();
    assert.equal(await page.getByRole("textbox").isEditable(), false);
  });

  test("who asks too fast is asked to wait", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    const { page } = open;
    for (let asked = 0; asked < 30; asked += 1) {
      await ask(page, `Question ${asked}?`);
      if ((await page.getByRole("alert").count()) > 0) break;
    }
    await page.getByRole("alert").getByText("Too many questions at once.").waitFor();
  });

  test("offline is said, and asking waits", async () => {
    await using open = await openAddress(browser, site.pageUrl);
    const { page, posts } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.context().setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await page.keyboard.press("Enter");
    assert.deepEqual(posts, []);
    await page.context().setOffline(false);
    await page.getByText("You are offline.").waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await page.locator("article[aria-busy=false]").waitFor();
  });
});

type Host = AsyncDisposable & { readonly url: string; readonly refusedLink: string };

/** A page of the same machine with two frames: one site names it among its origins, one does not. */
async function openHost(site: RealSite): Promise<Host> {
  const links = { allowed: "", refused: "" };
  const server = createServer((_, response) => {
    const frames = Object.entries(links).map(([id, src]) => `<iframe id="${id}" src="${src}">`);
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html>${frames.join("</iframe>")}</iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  links.allowed = await site.mintLink(await site.makeSite({ origins: [url] }));
  links.refused = await site.mintLink(await site.makeSite());
  return {
    url,
    refusedLink: links.refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function openFrames(browser: Browser, host: Host): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(host.url);
  return page;
}
