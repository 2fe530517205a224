// A window of the workbench, as a person uses it: keys, clicks and what is seen.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const PATIENCE = 20_000;

/** Opens `folder` (none for "") in a new window; `shots` is the folder for screenshots. */
export async function openWindow({ browser, host, folder, shots, said }) {
  const context = await browser.newContext({
    permissions: ["clipboard-read", "clipboard-write"],
    viewport: { width: 1440, height: 900 },
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  await page.goto(`http://${host.address}/?${folder ? `folder=${encodeURIComponent(folder)}` : "ew=true"}`);
  await page.waitForSelector(".monaco-workbench .part.statusbar");
  mkdirSync(shots, { recursive: true });

  /** Opens the line for questions by a key, which is tried again where the workbench was busy closing it, and fills it. */
  const asked = async (key, text) => {
    const input = page.locator(".quick-input-widget input").first();
    for (let attempt = 0; ; attempt++) {
      await page.keyboard.press(key);
      try {
        await input.fill(text, { timeout: 3000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  };

  const window = {
    page,
    close: () => context.close(),
    press: (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
    seen: (selector, text) =>
      page
        .locator(selector, text ? { hasText: text } : {})
        .first()
        .waitFor(),
    gone: (selector, text) =>
      page
        .locator(selector, text ? { hasText: text } : {})
        .first()
        .waitFor({ state: "hidden" }),
    click: (selector, text) =>
      page
        .locator(selector, text ? { hasText: text } : {})
        .first()
        .click(),
    shot: (name) => page.screenshot({ path: join(shots, `${name}.png`) }),
    clipboard: () => page.evaluate(() => navigator.clipboard.readText()),
    /** Runs a command of the palette by its whole title. */
    command: async (title) => {
      await asked("F1", `>${title}`);
      await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
      await page
        .locator(".quick-input-widget input")
        .first()
        .waitFor({ state: "hidden", timeout: 1000 })
        .catch(() => undefined);
    },
    /** Opens a file by its name, at a line. */
    open: async (name, line = 1) => {
      const tab = page.locator(".tab.active", { hasText: name }).first();
      for (let attempt = 0; ; attempt++) {
        await asked("Control+P", `${name}:${line}`);
        await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
        try {
          await tab.waitFor({ timeout: 5000 });
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    },
    /** Waits for a list of choices with this title, and picks the line with `text`, or the first. */
    pick: async (title, text) => {
      await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
      const lines = page.locator(
        ".quick-input-list .monaco-list-row:not(:has(.quick-input-list-separator-as-item))",
        text ? { hasText: text } : {},
      );
      await lines.first().waitFor();
      if (text) await lines.first().click();
      else await page.keyboard.press("Enter");
    },
    /** Answers a question. */
    answer: async (title, text) => {
      await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    },
    /** The dashboard's own frame. */
    dashboard: () => page.frameLocator("iframe.webview").last().frameLocator("iframe#active-frame"),
  };
  return window;
}
