// A newcomer in the real workbench: from an empty folder to the first prompt, the walkthrough with its pictures, and the example.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { example } from "../host.mjs";
import { openWindow, THEMES, until } from "./window.mjs";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const MOST_ACTS = 6;
const WELCOME = ".welcome-view-content";
const TOAST = ".notification-toast";
const ICON = ".activitybar .action-item .action-label[aria-label='Planmark']";
const STEP = ".getting-started-step";
const ROW = ".pane-body .monaco-list-row";
const PLAN = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
/** Pictures of the walkthrough: each step is shown in a dark and in a light one. */
export const STEPS = ["begin", "plans", "verdict", "check", "prompt"];
export const PICTURE_THEMES = ["dark", "light"];
/** Pixels: a picture of a step stands beside its text. */
const HIGHEST = 440;

/** `tests`: every test by its name, each with a window of its own; after one that has failed `failed` gives the window up. */
export function beginningTests({ browser, host, home, shots, said }) {
  let window;

  /** A window on a new, empty folder of this name; gives the folder. */
  const empty = async (name) => {
    const folder = join(home, name);
    mkdirSync(folder);
    window = await openWindow({ browser, host, folder, shots, said });
    // Before it, the palette does not have the commands of the extension.
    await window.seen(ICON);
    return folder;
  };
  const done = async () => {
    // An editor that is shown asks the server for actions, also while its window closes.
    await window.command("View: Close All Editors");
    await window.close();
    window = undefined;
  };
  const failed = async () => {
    await window?.drop();
    window = undefined;
  };

  const tests = {
    "from an empty folder to a first prompt in the clipboard in at most six clicks or keys": async () => {
      const folder = await empty("till");
      let acts = 0;
      const click = async (selector, text) => {
        acts++;
        await window.click(selector, text);
      };
      const press = async (key) => {
        acts++;
        await window.press(key);
      };
      await click(ICON);
      await window.seen(`${WELCOME} .monaco-button`, "New Plan…");
      await window.shot("beginning-dark");
      await click(`${WELCOME} .monaco-button`, "New Plan…");
      await window.seen(".quick-input-title", "New Plan: name of the feature");
      await window.shot("beginning-name");
      await press("Enter");
      await window.seen(".tab.active", "PLAN_TILL.md");
      await window.seen(TOAST, "PLAN_TILL.md was created");
      await window.shot("beginning-plan");
      await click(`${TOAST} .monaco-button`, "Copy First Prompt");
      await until("the clipboard", async () => /^# TILL\n/.test(await window.clipboard()));
      console.log(`     ${acts} clicks and keys`);
      assert.ok(acts <= MOST_ACTS, `${acts} clicks and keys`);
      assert.match(readFileSync(join(folder, "work-space/plans/TILL/PLAN_TILL.md"), "utf8"), /^# PLAN: Till\n/);
      await window.seen(ROW, "TILL");
      await done();
    },
    "the way to begin is readable in every theme": async () => {
      const folder = await empty("themes");
      await window.click(ICON);
      await window.seen(`${WELCOME} .monaco-button`, "New Plan…");
      for (const kind of THEMES) {
        await window.theme(folder, kind);
        await window.shot(`beginning-${kind}`);
      }
      await done();
    },
    "a name that is refused stays, with the reason": async () => {
      await empty("refused");
      await window.command("Planmark: New Plan…");
      await window.answer("New Plan", "日本");
      await window.seen(".quick-input-message", "has no letter or digit");
      assert.equal(await window.offered("New Plan"), "日本");
      await window.shot("beginning-refused");
      await window.answer("New Plan", "first one");
      await window.seen(".tab.active", "PLAN_FIRST-ONE.md");
      await window.command("Planmark: New Plan…");
      await window.answer("New Plan", "first one");
      await window.seen(".quick-input-message", "FIRST-ONE exists already");
      await done();
    },
    "File > New File offers a plan": async () => {
      await empty("files");
      await window.pickAfter("Create: New File...", "Plan (PLAN_NAME.md)");
      await window.seen(".quick-input-title", "New Plan: name of the feature");
      await done();
    },
    "a workspace is set up": async () => {
      const folder = await empty("settings");
      await window.click(ICON);
      await window.click(`${WELCOME} .monaco-button`, "Set Up Workspace");
      await window.seen(".tab.active", "planmark.toml");
      await until("it is saved", () => existsSync(join(folder, "planmark.toml")));
      await done();
    },
    "an empty PLAN offers its template": async () => {
      const folder = await empty("template");
      const plan = join(folder, "PLAN_TILL.md");
      writeFileSync(plan, "");
      await window.open(plan);
      await window.click(".codelens-decoration a", "Write the template of a PLAN");
      await window.seen(".view-lines", "# PLAN: Till");
      await window.shot("beginning-template");
      await window.press("Control+S");
      await until("it is saved", () => readFileSync(plan, "utf8").endsWith("**Next**: Achievement 1.1\n"));
      await done();
    },
    "the walkthrough has pictures, and ends with a first prompt in the clipboard": async () => {
      await empty("walk");
      await window.command("Planmark: New Plan…");
      await window.answer("New Plan", "walk");
      await window.seen(".tab.active", "PLAN_WALK.md");
      await window.command("Notifications: Clear All Notifications");
      await window.command("Planmark: Focus on Plans View");
      await window.pickAfter("Welcome: Open Walkthrough...", "Plans with Planmark");
      const steps = window.page.locator(STEP);
      await steps.nth(STEPS.length - 1).waitFor();
      for (let step = 0; step < STEPS.length; step++) {
        await steps.nth(step).click();
        const picture = window.page.locator(".getting-started-media img").first();
        await until(`the picture of step ${step}`, () =>
          picture.evaluate((image) => image.complete && image.naturalWidth > 100).catch(() => false),
        );
        await window.shot(`walkthrough-${STEPS[step]}`);
      }
      await window.click(`${STEP} .monaco-button`, "Copy Next Prompt");
      await until("the clipboard", async () => /^# WALK\n/.test(await window.clipboard()));
      await done();
    },
    "the pictures of the README are those of the release": async () => {
      const readme = readFileSync(join(host.folders.extensions, `planmark.planmark-${version}`, "readme.md"), "utf8");
      const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, address]) => address);
      assert.ok(pictures.length >= 3);
      const release = `https://github.com/planmark/planmark/raw/v${version}/client-vscode/images/`;
      for (const address of pictures) assert.ok(address.startsWith(release), address);
    },
    "the example opens without a folder": async () => {
      window = await openWindow({ browser, host, folder: "", shots, said });
      await window.click(ICON);
      await window.seen(WELCOME, "Plans belong to a folder");
      await window.click(`${WELCOME} .monaco-button`, "Open the Example");
      await window.page.waitForURL(/folder=.*example-/);
      await window.seen(".part.statusbar .statusbar-item", "CHECKOUT 2/6");
      await window.shot("beginning-example");
      await done();
    },
    "the pictures of the walkthrough": async () => {
      const folder = example(home, "pictures");
      window = await openWindow({ browser, host, folder, shots, said });
      await window.seen(".part.statusbar .statusbar-item", "CHECKOUT 2/6");
      await window.command("Planmark: Focus on Plans View");
      await window.seen(ROW, "NOTIFICATIONS");
      await window.widen();
      const line = (text) =>
        readFileSync(join(folder, PLAN), "utf8")
          .split("\n")
          .findIndex((known) => known.includes(text)) + 1;
      for (const kind of PICTURE_THEMES) {
        await window.theme(folder, kind);
        await window.open(join(folder, PLAN), line("## 🎯 Goal"));
        await window.seen(".codelens-decoration", "CHECKOUT");
        await window.shot(`begin-${kind}`, ".part.editor", HIGHEST);
        await window.shot(`plans-${kind}`, ".part.sidebar", HIGHEST);
        await window.open(join(folder, PLAN), line("**Achievement 1.1**"));
        await window.seen(".codelens-decoration", "APPROVED_11.md");
        await window.shot(`verdict-${kind}`, ".part.editor", HIGHEST);
        await window.command("Planmark: Check Workspace");
        await window.seen(".markers-panel .monaco-list-row");
        await window.shot(`check-${kind}`, ".part.panel");
        // It never hides the panel that it shows.
        await window.command("Planmark: Check Workspace");
        await window.seen(".part.statusbar .statusbar-item", /Planmark: \d+ error/);
        assert.ok(await window.isThere(".markers-panel .monaco-list-row"));
        await window.press("Control+J");
        await window.press("Control+K", "n");
        await window.pick("Next Prompt: for what?");
        await window.seen(".quick-input-list .monaco-list-row", "Copy");
        await window.shot(`prompt-${kind}`, ".quick-input-widget");
        await window.press("Escape");
      }
      await done();
    },
  };
  return { tests, failed };
}
