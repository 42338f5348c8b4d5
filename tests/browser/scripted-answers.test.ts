import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { leaveAnswer, leaveSources, scriptOf } from "./answers.ts";
import { launchChromium } from "./chromium.ts";
import { textContrasts } from "./contrast.ts";
import { sampleState } from "./fake-tier.ts";
import { findBrowser } from "./find-browser.ts";
import { focusedName, openScripted, tabTo } from "./open-page.ts";

const { executablePath, skip } = findBrowser();
const leave = scriptOf(leaveAnswer, leaveSources);

describe("the page with answers made for it", { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium(executablePath);
  });
  after(() => browser.close());

  test("a visitor asks by keyboard alone and reads a streamed answer with its sources", async () => {
    await using open = await openScripted(browser);
    const { page, tier } = open;
    tier.scripts = [[300, ...scriptOf(leaveAnswer, leaveSources, { pauseMs: 10 })]];

    await page.getByRole("heading", { name: sampleState.title }).waitFor();
    await tabTo(page, /^Your question$/);
    await page.keyboard.type("How much leave");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("do I have?");
    assert.deepEqual(open.posts, [], "Shift+Enter begins a line and sends nothing");
    await page.keyboard.press("Enter");

    await page.getByText("Reading the documents").waitFor();
    await page.locator("article[aria-busy=true]").getByText("Every full-time employee").waitFor();
    assert.equal(await page.locator(".citation").count(), 0, "no numbers before the final text");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    assert.deepEqual(await page.locator(".answer .citation").allTextContents(), ["1", "1", "2"]);
    assert.equal(await page.locator("strong").textContent(), "27 days");
    assert.match(
      (await page.locator(".prose p").first().textContent()) ?? "",
      /holidays\.1 You may/,
    );
    assert.equal(await focusedName(page), "Your question", "the keyboard's place is kept");
    assert.deepEqual(open.posts, [
      { path: "/chat", body: { message: "How much leave\ndo I have?" } },
    ]);
  });

  test("a citation opens its source; Escape closes it and gives the focus back", async () => {
    await using open = await openScripted(browser, { prepare: (tier) => (tier.scripts = [leave]) });
    const { page } = open;
    await page.getByRole("button", { name: sampleState.samplePrompts[0] ?? "" }).click();
    await page.getByRole("heading", { name: "Sources" }).waitFor();

    await tabTo(page, /^Source 1: Leave and time off$/, "Shift+Tab");
    await tabTo(page, /^Copy answer$/, "Shift+Tab");
    await tabTo(page, /^Source 2/, "Shift+Tab");
    await tabTo(page, /^Source 1/, "Shift+Tab");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Leave and time off" });
    await dialog.waitFor();
    const link = dialog.getByRole("link");
    assert.equal(await link.getAttribute("href"), leaveSources[0].url);
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
    assert.equal(await dialog.locator("mark").count(), 2);
    assert.match((await dialog.locator("mark").first().textContent()) ?? "", /^Every full-time/);
    for (let presses = 0; presses < 8; presses += 1) {
      await page.keyboard.press("Tab");
      // The browser's own bar is one stop of the round; for the page it looks like its body.
      const isInside = `document.activeElement.matches("body, dialog *")`;
      assert.ok(await page.evaluate(isInside), "the focus stays in the dialog");
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.match(await focusedName(page), /^Source 1/);
  });

  test("a thumb down asks for the reason; copying and praise are reported too", async () => {
    await using open = await openScripted(browser, { prepare: (tier) => (tier.scripts = [leave]) });
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await tabTo(page, /^Bad answer$/, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "What was wrong with it?" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Nothing on\tpart-time.");
    await page.getByRole("textbox", { name: /Anything to add/ }).fill("Nothing on\npart-time.");
    await page.getByRole("button", { name: "Send", exact: true }).first().click();
    await page.getByText("Thank you.").waitFor();
    assert.equal(await focusedName(page), "Bad answer");
    await page.getByRole("button", { name: "Good answer" }).click();
    await page.getByRole("button", { name: "Copy answer" }).click();
    await page.getByText("Copied.").waitFor();

    const ids = { conversationId: "conversation-1", messageId: "system-message-1" };
    const [, down, up, copied] = open.posts.map(({ body }) => body);
    assert.deepEqual(down, {
      ...ids,
      messageUsefulness: {
        usefulness: "NOT_USEFUL",
        reason: "NOT_COMPLETE",
        comment: "Nothing on part-time.",
      },
    });
    assert.deepEqual(up, { ...ids, messageUsefulness: { usefulness: "USEFUL" } });
    assert.equal(copied?.["messageId"], ids.messageId);
    assert.ok(Math.abs(Number(copied?.["messageCopiedAt"]) - Date.now() / 1000) < 60);
    assert.equal(await page.evaluate("navigator.clipboard.readText()"), leaveAnswer);
  });

  test("a question that failed can be asked again", async () => {
    await using open = await openScripted(browser, {
      prepare: (tier) =>
        (tier.scripts = [429, [{ textEvent: { systemMessage: "Half" } }, 50, "cut"], leave]),
    });
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Too many questions at once.").waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("alert").getByText("The server could not be reached.").waitFor();
    assert.equal(
      await page.getByText("Half").first().isVisible(),
      true,
      "what arrived stays readable",
    );
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    assert.equal(await page.locator("article").count(), 1);
    assert.equal(open.posts.length, 3);
  });

  test("an answer can be stopped", async () => {
    await using open = await openScripted(browser, {
      prepare: (tier) =>
        (tier.scripts = [[{ textEvent: { systemMessage: "Half an answer" } }, "hang"]]),
    });
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await page.locator(".prose").getByText("Half an answer").waitFor();
    assert.equal(await page.getByRole("textbox").isEditable(), false);
    await page.getByRole("button", { name: "Stop answering" }).click();
    await page.locator(".remark", { hasText: "Stopped." }).waitFor();
    assert.equal(await page.getByRole("textbox").isEditable(), true);
  });

  test("a double click on Send asks once and stops nothing", async () => {
    await using open = await openScripted(browser, {
      prepare: (tier) => (tier.scripts = [leave, [300, ...leave]]),
    });
    const { page } = open;
    // The field moves with the first question; from the second on, the buttons share a place.
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    await page.getByRole("textbox").fill("And days carried over?");
    const send = await page.getByRole("button", { name: "Send" }).boundingBox();
    assert.ok(send !== null);
    await page.mouse.click(send.x + 10, send.y + 10);
    await page.getByRole("button", { name: "Stop answering" }).waitFor();
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    await page.getByRole("button", { name: "Send" }).waitFor();
    assert.equal(await page.locator(".remark").count(), 0, "nothing was stopped");
    assert.equal(open.posts.length, 2);
  });

  test("a very long question leaves room for its answer", async () => {
    await using open = await openScripted(browser, {
      prepare: (tier) => (tier.scripts = [leave]),
      viewport: { width: 1280, height: 800 },
    });
    const { page } = open;
    await page.getByRole("textbox").fill("leave ".repeat(1100));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    const answer = await page.locator(".prose").boundingBox();
    assert.ok(answer !== null && answer.y < 400, `the answer begins at ${answer?.y} of 800 pixels`);
  });

  test("text of documents and models never becomes a part of the page", async () => {
    const evil =
      '<img src="https://evil.example/a.png" onerror="document.title=1"><script>document.title=1</script> ' +
      "![x](https://evil.example/b.png) [click](javascript:document.title=1)";
    const sources = [
      { title: evil, url: "javascript:document.title=1", snippet: evil, supports: [[evil, evil]] },
    ] as const;
    await using open = await openScripted(browser, {
      prepare: (tier) => (tier.scripts = [scriptOf(evil, sources)]),
    });
    const { page, tier, requests } = open;
    await page.getByRole("textbox").fill(evil);
    await page.keyboard.press("Enter");
    await page.locator(".citation").click();
    await page.locator("dialog mark").waitFor();
    assert.equal(await page.locator("#page img, #page script").count(), 0);
    const links = await page.locator("article a, dialog a").evaluateAll((all) => all.map(String));
    assert.deepEqual(
      [...new Set(links)],
      ["https://evil.example/a.png"],
      "shown, but nothing loads it",
    );
    assert.equal(await page.title(), sampleState.title);
    const origin = new URL(tier.url).origin;
    assert.deepEqual(
      requests.filter((url) => !url.startsWith(`${origin}/`)),
      [],
    );
  });

  test("a narrow frame, a phone and a page at twice its size need no sideways scrolling", async () => {
    for (const width of [450, 390, 320, 225]) {
      await using open = await openScripted(browser, {
        viewport: { width, height: 700 },
        prepare: (tier) => (tier.scripts = [leave]),
      });
      const { page } = open;
      const overflow = "document.documentElement.scrollWidth - innerWidth";
      await page.getByRole("textbox").waitFor();
      assert.ok(Number(await page.evaluate(overflow)) <= 0, `start screen at ${width}`);
      await page.getByRole("textbox").fill("W".repeat(80));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Sources" }).waitFor();
      await page.getByRole("button", { name: "Bad answer" }).click();
      assert.ok(Number(await page.evaluate(overflow)) <= 0, `answer at ${width}`);
      await page.locator(".citation").first().click();
      assert.ok(Number(await page.evaluate(overflow)) <= 0, `source at ${width}`);
    }
  });

  test("every text has enough contrast, in light and dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await using open = await openScripted(browser, {
        colorScheme,
        prepare: (tier) => (tier.scripts = [leave, 429]),
      });
      const { page } = open;
      await page.getByRole("textbox").waitFor();
      const seen = [...(await textContrasts(page))];
      await page.getByRole("textbox").fill("Leave?");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Bad answer" }).click();
      await page.getByRole("textbox", { name: "Your question" }).fill("More?");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      seen.push(...(await textContrasts(page)));
      await page.locator(".citation").first().click();
      seen.push(...(await textContrasts(page)));
      assert.ok(seen.length > 40, `only ${seen.length} texts seen`);
      assert.deepEqual(
        seen.filter(({ isEnough }) => !isEnough),
        [],
        colorScheme,
      );
    }
  });
});
