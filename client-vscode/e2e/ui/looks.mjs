// How it looks: plans with long names in narrow windows, and the example in every theme.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { example } from "../host.mjs";
import { writeLongNames } from "../longNames.mjs";
import { openWindow, THEMES } from "./window.mjs";

const ROW = ".pane-body .monaco-list-row";
const ITEM = ".part.statusbar .statusbar-item";
const PLANS = 23;
/** The number of letters of a plan's line that no window may cut. */
const LETTERS = 12;
/** The number of lines of the tree that the test opens. */
const LINES = 60;
/** Pixels: a usual window, one beside another, and a narrow one. */
const WIDTHS = [1440, 1000, 600];
/** The pages of the dashboard, each with what it draws. */
const PAGES = [
  ["Board", ".card"],
  ["Plans", "progress"],
  ["Graph", "g.node"],
];
/** A real workspace, where there is one: it is only looked at. */
const CORPUS = process.env.PLANMARK_CORPUS ?? fileURLToPath(new URL("../../../../shared/corpus", import.meta.url));

/** Returns the tests by name, each with its own window. `failed` closes the window of a test that has failed. */
export function looksTests({ browser, host, home, shots, said }) {
  let window;

  const open = async (folder, width = WIDTHS[0]) => {
    window = await openWindow({ browser, host, folder, shots, said, size: { width, height: 900 } });
    await window.seen(ITEM, /\d\/\d/);
    await window.command("Planmark: Focus on Plans View");
    await window.seen(ROW, /\d\/\d/);
    // A view that was made just now does not take the keys.
    await window.command("Planmark: Focus on Plans View");
  };
  const done = async () => {
    await window.command("View: Close All Editors");
    await window.close();
    window = undefined;
  };
  const failed = async () => {
    await window?.drop();
    window = undefined;
  };
  /** Takes pictures of a folder in every theme: a PLAN with its problems, and each page of the dashboard. */
  const inEveryTheme = async (name, folder, plan, line) => {
    await open(folder);
    for (const kind of THEMES) {
      await window.theme(folder, kind);
      await window.open(join(folder, plan), line);
      await window.seen(".codelens-decoration", "SUBPLAN");
      await window.command("Planmark: Check Workspace");
      await window.seen(".markers-panel .monaco-list-row");
      await window.shot(`${name}-${kind}`);
      await window.press("Control+J");
      await window.command("Planmark: Show Dashboard");
      for (const [tab, drawn] of PAGES) {
        const frame = await window.dashboardPage(tab);
        await frame.locator(drawn).nth(2).waitFor();
        const cut = await frame.locator("html").evaluate((page) => page.scrollWidth - page.clientWidth);
        assert.ok(cut <= 0, `${cut} pixels of ${tab} are beyond the edge`);
        await window.shot(`${name}-${tab.toLowerCase()}-${kind}`);
      }
      await window.command("View: Close All Editors");
    }
    await done();
  };

  const tests = {
    [`progress, next steps and states of ${PLANS} plans with long names can be read at ${WIDTHS.join(", ")} pixels`]:
      async () => {
        for (const width of WIDTHS) {
          const folder = join(home, `names-${width}`);
          writeLongNames(folder);
          await open(folder, width);
          await window.shot(`names-${width}`);
          // Each plan that is opened shows its next step and its achievements; lines that are not in sight are not there.
          const seen = new Set();
          // A click folds the group; the first key opens it again.
          await window.click(ROW);
          for (let line = 0; line < LINES; line++) {
            await window.press("ArrowRight", "ArrowDown");
            if (line % 10 !== 9) continue;
            // The line with the focus gives room to its buttons.
            assert.deepEqual(await window.cutLabels(`${ROW}:not(.focused)`, LETTERS), [], `${width} pixels`);
            for (const text of await window.page.locator(ROW).allTextContents()) seen.add(text);
            if (line === 29) await window.shot(`names-${width}-open`);
          }
          assert.ok(seen.size > PLANS, `${seen.size} lines`);
          await done();
        }
      },
    "the example looks as it should in every theme": () =>
      inEveryTheme("example", example(home, "looks"), "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md", 40),
    "a real workspace looks as it should in every theme": async () => {
      const real = join(CORPUS, "context-manager");
      if (!existsSync(real)) {
        console.log(`     skipped: there is no ${real}`);
        return;
      }
      const folder = join(home, "real");
      mkdirSync(folder);
      cpSync(real, folder, { recursive: true });
      await inEveryTheme("real", folder, "work-space/plans/LLM-DASHBOARD-CLI/PLAN_LLM-DASHBOARD-CLI.md", 1247);
    },
  };
  return { tests, failed };
}
