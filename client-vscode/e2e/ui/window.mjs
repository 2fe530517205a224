// A window of the workbench, as a person uses it: keys, clicks and what is seen.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Milliseconds. A machine with busy neighbours needs a minute for what else takes a second. */
const PATIENCE = 240_000;
const QUESTION = ".quick-input-widget input";
/** Milliseconds for the first of several tries, each twice as long as the one before. */
const FIRST_TRY = PATIENCE / 16;
const FOCUSED = ".quick-input-list .monaco-list-row.focused";

/** Kind of theme → its name in settings, and the class of the workbench. */
const LOOKS = {
  dark: ["Default Dark Modern", ".monaco-workbench.vs-dark"],
  light: ["Default Light Modern", ".monaco-workbench.vs"],
  contrast: ["Default High Contrast", ".monaco-workbench.hc-black"],
  "contrast-light": ["Default High Contrast Light", ".monaco-workbench.hc-light"],
};
export const THEMES = Object.keys(LOOKS);
/** Settings without which a picture shows nothing but the text. */
const PLAIN = {
  "editor.minimap.enabled": false,
  "editor.unicodeHighlight.ambiguousCharacters": false,
  "editor.unicodeHighlight.invisibleCharacters": false,
  "editor.unicodeHighlight.nonBasicASCII": false,
  "editor.lightbulb.enabled": "off",
};

/** Waits until `look` gives something; rejects with `what` after a while. */
export async function until(what, look) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Opens `folder` (none for "") in a new window of `size`; `shots` is the folder for screenshots. */
export async function openWindow({ browser, host, folder, shots, said, size = { width: 1440, height: 900 } }) {
  const context = await browser.newContext({
    permissions: ["clipboard-read", "clipboard-write"],
    viewport: size,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  await page.goto(`http://${host.address}/?${folder ? `folder=${encodeURIComponent(folder)}` : "ew=true"}`);
  await page.waitForSelector(".monaco-workbench .part.statusbar");
  mkdirSync(shots, { recursive: true });

  const found = (selector, text) => page.locator(selector, text ? { hasText: text } : {}).first();
  const question = page.locator(QUESTION).first();
  const rest = () => page.mouse.move(size.width / 2, size.height - 4);

  /** Does the work again, with more patience, while something else closes the list that it needs. */
  const again = async (work) => {
    for (let patience = FIRST_TRY; ; patience *= 2) {
      try {
        await work(patience);
        return;
      } catch (error) {
        if (patience >= PATIENCE) throw error;
        await page.keyboard.press("Escape");
      }
    }
  };

  /** Opens the line for questions by a key, which is tried again where the workbench was busy closing it, and fills it. */
  const asked = async (key, text) => {
    for (let attempt = 0; ; attempt++) {
      await page.keyboard.press(key);
      try {
        await page.locator(`${QUESTION}:focus`).first().waitFor({ timeout: 5000 });
        await question.fill(text, { timeout: 5000 });
        assert.equal(await question.inputValue({ timeout: 5000 }), text);
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await page.keyboard.press("Escape");
      }
    }
  };

  /**
   * Takes the line that `fits` accepts, given its name and all its text. By keys: the workbench draws its lists again while
   * they fill, with the same elements, so that a click meets whatever stands there by then.
   */
  const take = async (what, fits, patience = PATIENCE) => {
    const focused = page.locator(FOCUSED).first();
    const end = Date.now() + patience;
    for (let look = 1; Date.now() < end; look++) {
      const [name, text] = await focused
        .evaluate((row) => [row.querySelector(".label-name")?.textContent ?? "", row.textContent], null, {
          timeout: 500,
        })
        .catch(() => ["", ""]);
      if (fits(name, text)) {
        await page.keyboard.press("Enter");
        return;
      }
      // Not at once: the list may not be what was asked for yet.
      if (look % 5 === 0) await page.keyboard.press("ArrowDown");
      await page.waitForTimeout(100);
    }
    throw new Error(`there is no line ${what}`);
  };

  const window = {
    page,
    /** Leaves as a person does: the workbench is told. */
    close: async () => {
      await page.goto("about:blank");
      await context.close();
    },
    /** Loads the window again, with the tabs that are open. */
    reload: async () => {
      await page.reload();
      await page.waitForSelector(".monaco-workbench .part.statusbar");
    },
    /** Ends it as it is. */
    drop: () => context.close(),
    press: (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
    seen: (selector, text) => found(selector, text).waitFor(),
    gone: (selector, text) => found(selector, text).waitFor({ state: "hidden" }),
    isThere: (selector, text) => found(selector, text).isVisible(),
    /** Clicks, and takes the mouse away: what it stands on shows a hint. */
    click: async (selector, text) => {
      await found(selector, text).click();
      await rest();
    },
    /** Takes a picture of the window, or of the part that `selector` names, at most `height` high. */
    shot: async (name, selector, height = Number.POSITIVE_INFINITY) => {
      const box = selector && (await found(selector).boundingBox());
      const clip = box ? { ...box, height: Math.min(box.height, height) } : undefined;
      return page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled", ...(clip ? { clip } : {}) });
    },
    clipboard: () => page.evaluate(() => navigator.clipboard.readText()),
    /** The texts of lines that do not fit into their room. */
    cut: (selector) =>
      page.locator(selector).evaluateAll((rows) =>
        rows
          .filter((row) => {
            const label = row.querySelector(".monaco-icon-label-container");
            return label && label.scrollWidth > label.clientWidth;
          })
          .map((row) => row.textContent),
      ),
    /**
     * The lines of a tree whose label is cut before its last letter that counts: for a plan the progress and the begin of its
     * name, for every other line the whole label.
     */
    cutLabels: (selector, letters) =>
      page.locator(selector).evaluateAll(
        (rows, most) =>
          rows
            .filter((row) => {
              const room = row.querySelector(".monaco-icon-label-container")?.getBoundingClientRect();
              const text = row.querySelector(".label-name")?.firstChild;
              if (!room || text?.nodeType !== Node.TEXT_NODE) return false;
              const length = text.data.length;
              const range = document.createRange();
              range.setStart(text, 0);
              range.setEnd(text, /^\d+\/\d+ /.test(text.data) ? Math.min(length, most) : length);
              return range.getBoundingClientRect().right > room.right + 1;
            })
            .map((row) => row.textContent),
        letters,
      ),
    /** Shows a folder in a kind of theme, by its settings. */
    theme: async (root, kind) => {
      const [name, css] = LOOKS[kind];
      mkdirSync(join(root, ".vscode"), { recursive: true });
      const settings = { ...PLAIN, "workbench.colorTheme": name };
      writeFileSync(join(root, ".vscode", "settings.json"), JSON.stringify(settings));
      await page.waitForSelector(css);
    },
    /** Makes the side bar wide enough for what stands in it. */
    widen: async () => {
      const { x, width } = await page.locator(".part.sidebar").boundingBox();
      await page.mouse.move(x + width, 400);
      await page.mouse.down();
      await page.mouse.move(x + 430, 400, { steps: 4 });
      await page.mouse.up();
      await rest();
    },
    /** Runs a command of the palette by its whole title. */
    command: (title) =>
      again(async (patience) => {
        await asked("F1", `>${title}`);
        await take(title, (name) => name === title, patience);
        await question.waitFor({ state: "hidden", timeout: 1000 }).catch(() => undefined);
      }),
    /** Opens a file by its absolute path, at a line. */
    open: async (path, line = 1) => {
      const name = basename(path);
      for (let attempt = 0; ; attempt++) {
        await asked("Control+P", `${path}:${line}`);
        await take(name, (found) => found === name);
        try {
          const short = { timeout: 5000 };
          await page.locator(`.tab.active[data-resource-name="${name}"]`).first().waitFor(short);
          await page
            .locator(".statusbar-item", { hasText: `Ln ${line}, Col` })
            .first()
            .waitFor(short);
          await rest();
          return;
        } catch (error) {
          if (attempt === 3) throw error;
        }
      }
    },
    /** Waits for a list of choices with this title, and picks the line with `text`, or the first. */
    pick: async (title, text = "") => {
      await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
      await take(text || "at all", (_, whole) => whole !== "" && whole.includes(text));
    },
    /** Runs a command that shows a list, and picks the line of this name. */
    pickAfter: (title, name) =>
      again(async (patience) => {
        await window.command(title);
        await take(name, (found) => found === name, patience);
      }),
    /** The text in the question with this title. */
    offered: async (title) => {
      await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
      return question.inputValue();
    },
    /** Answers a question. */
    answer: async (title, text) => {
      await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
      await question.fill(text);
      await page.keyboard.press("Enter");
    },
    /** The dashboard's own frame. */
    dashboard: () => page.frameLocator("iframe.webview").last().frameLocator("iframe#active-frame"),
    /** Shows a page of the dashboard by its tab; returns the dashboard's own frame. */
    dashboardPage: async (name) => {
      const frame = window.dashboard();
      await frame.getByRole("tab", { name }).click();
      return frame;
    },
  };
  return window;
}
