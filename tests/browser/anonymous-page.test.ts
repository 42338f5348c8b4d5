import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { leaveAnswer, leaveSources, scriptOf } from "./answers.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { textContrasts } from "./contrast.ts";
import { sampleState } from "./fake-tier.ts";
import { focusedName, openPage, tabTo } from "./open-page.ts";

const executablePath = findChromium();
const skip =
  executablePath === undefined
    ? "no Chromium found; set CHROMIUM_PATH to run the browser journeys"
    : !existsSync(new URL("../../ui/dist/index.html", import.meta.url)) &&
      "the page is not built; run tools/build.ts --only=ui";

const leave = scriptOf(leaveAnswer, leaveSources);

describe("the anonymous page", { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium(executablePath ?? "");
  });
  after(() => browser.close());

  test("a visitor asks by keyboard alone and reads a streamed answer with its sources", async () => {
    await using open = await openPage(browser);
    const { page, tier } = open;
    tier.scripts = [[300, ...scriptOf(leaveAnswer, leaveSources, { pauseMs: 10 })]];

    await page.getByRole("heading", { name: sampleState.title }).waitFor();
    await tabTo(page, /^Your question$/);
    await page.keyboard.type("How much leave");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("do I have?");
    assert.deepEqual(tier.posts, [], "Shift+Enter begins a line and sends nothing");
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
    assert.deepEqual(tier.posts, [
      { path: "/chat", body: { message: "How much leave\ndo I have?" } },
    ]);
  });

  test("a citation opens its source; Escape closes it and gives the focus back", async () => {
    await using open = await openPage(browser, { prepare: (tier) => (tier.scripts = [leave]) });
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
    await using open = await openPage(browser, { prepare: (tier) => (tier.scripts = [leave]) });
    const { page, tier } = open;
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
    const [, down, up, copied] = tier.posts.map(({ body }) => body);
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

  test("a follow-up continues the conversation, a new conversation forgets it", async () => {
    await using open = await openPage(browser, {
      prepare: (tier) => (tier.scripts = [leave, scriptOf("Yes.", [], { turn: 2 }), leave]),
    });
    const { page, tier } = open;
    const ask = async (question: string): Promise<void> => {
      await page.getByRole("textbox").fill(question);
      await page.keyboard.press("Enter");
      await page.locator("article[aria-busy=false]", { hasText: question }).waitFor();
    };
    await ask("First?");
    await ask("Second?");
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("heading", { name: sampleState.title }).waitFor();
    await ask("Third?");
    assert.deepEqual(
      tier.posts.map(({ body }) => body),
      [
        { message: "First?" },
        {
          message: "Second?",
          conversationId: "conversation-1",
          parentMessageId: "system-message-1",
        },
        { message: "Third?" },
      ],
    );
    assert.equal(await page.locator("article").count(), 1);
  });

  test("the completed answer is announced once, as plain words", async () => {
    await using open = await openPage(browser, { prepare: (tier) => (tier.scripts = [leave]) });
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    const live = page.locator("[aria-live=polite]");
    assert.match(
      (await live.textContent()) ?? "",
      /^Answer: Every full-time employee has 27 days of/,
    );
    assert.match((await live.textContent()) ?? "", /2 sources\.$/);
  });

  test("without a session the page says that a fresh link is needed", async () => {
    await using open = await openPage(browser, { prepare: (tier) => (tier.state = undefined) });
    const { page } = open;
    await page.getByRole("heading", { name: "A fresh link is needed" }).waitFor();
    await page.getByText("This link was used already.").waitFor();
    assert.equal(await page.getByRole("textbox").count(), 0);
  });

  test("when the time is up asking ends, and what was read stays", async () => {
    await using open = await openPage(browser, {
      hasClock: true,
      prepare: (tier) => (tier.scripts = [leave]),
    });
    const { page, tier } = open;
    await page.getByRole("textbox").fill("Leave?");
    assert.equal(await page.getByText("This session").count(), 0);
    await page.clock.fastForward("58:30");
    await page.getByText("This session ends within two minutes.").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
    await page.clock.fastForward("02:00");
    await page.getByText("This session has ended.").waitFor();
    assert.equal(await page.getByText("Every full-time employee").first().isVisible(), true);
    assert.equal(await page.getByRole("textbox").isEditable(), false);
    await page.keyboard.press("Enter");
    assert.equal(tier.posts.length, 1);
  });

  test("a session that the server has ended is noticed at the next question", async () => {
    await using open = await openPage(browser, { prepare: (tier) => (tier.scripts = [401]) });
    const { page } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.keyboard.press("Enter");
    await page.getByText("This session has ended.", { exact: true }).first().waitFor();
    assert.equal(await page.getByRole("textbox").isEditable(), false);
  });

  test("a question that failed can be asked again", async () => {
    await using open = await openPage(browser, {
      prepare: (tier) =>
        (tier.scripts = [429, [{ textEvent: { systemMessage: "Half" } }, 50, "cut"], leave]),
    });
    const { page, tier } = open;
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
    assert.equal(tier.posts.length, 3);
  });

  test("an answer can be stopped", async () => {
    await using open = await openPage(browser, {
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

  test("offline is said, and asking waits", async () => {
    await using open = await openPage(browser, { prepare: (tier) => (tier.scripts = [leave]) });
    const { page, tier } = open;
    await page.getByRole("textbox").fill("Leave?");
    await page.context().setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await page.keyboard.press("Enter");
    assert.deepEqual(tier.posts, []);
    await page.context().setOffline(false);
    await page.getByText("You are offline.").waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sources" }).waitFor();
  });

  test("text of documents and models never becomes a part of the page", async () => {
    const evil =
      '<img src="https://evil.example/a.png" onerror="document.title=1"><script>document.title=1</script> ' +
      "![x](https://evil.example/b.png) [click](javascript:document.title=1)";
    const sources = [
      { title: evil, url: "javascript:document.title=1", snippet: evil, supports: [[evil, evil]] },
    ] as const;
    await using open = await openPage(browser, {
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
      await using open = await openPage(browser, {
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
      await using open = await openPage(browser, {
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
