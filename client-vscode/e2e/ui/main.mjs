// The extension in the real workbench, as installed from its VSIX, with a Python that has no planmark: what a person sees and does.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openWindow, until } from "./window.mjs";

const ITEM = ".part.statusbar .statusbar-item";
const ROW = ".pane-body .monaco-list-row";
const BADGE = ".part.activitybar .badge-content";
const BANNER = ".part.banner";
const CODE = ".editor-group-container.active .view-lines";
const PLAN = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md";
const FEEDBACKS = "work-space/plans/CHECKOUT/execution/feedbacks";
const MOST_CRASHES = 4;

/** The servers that were started from this host's extensions, by their process. */
function servers(host) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join(host.folders.extensions, "planmark."));
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The logs of the extension in this host. */
function logged(host) {
  const folder = join(host.folders.user, "logs");
  return readdirSync(folder, { recursive: true })
    .filter((name) => basename(name) === "Planmark.log")
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
}

/**
 * `tests`: every test by its name, in order. They share a window, and each begins by bringing it into a state that it knows; after one
 * that has failed `failed` gives the window up, and the next begins with another.
 */
export function uiTests({ browser, host, folder, shots, said }) {
  const settings = join(folder, ".vscode", "settings.json");
  const plan = join(folder, PLAN);
  let window;
  let other;

  const set = (values) => {
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, JSON.stringify(values));
  };
  const line = (text) =>
    readFileSync(plan, "utf8")
      .split("\n")
      .findIndex((known) => known.includes(text)) + 1;
  const saved = (name, text) => {
    const path = join(folder, FEEDBACKS, name);
    return until(`${name} is saved`, () => existsSync(path) && text.test(readFileSync(path, "utf8")));
  };
  const another = () => openWindow({ browser, host, folder, shots, said });
  const trust = async () => {
    await window.command("Workspaces: Manage Workspace Trust");
    await window.click(".workspace-trust-editor .monaco-button", "Trust");
  };

  /** The window before it is trusted, in a workspace that names a program. */
  const untrusted = async () => {
    if (window) return;
    set({ "planmark.server.interpreter": join(folder, "evil") });
    window = await another();
    await window.seen(BANNER, "Restricted Mode");
    await window.seen(ITEM, /CHECKOUT \d\/6/);
  };

  /** The window as most tests need it: trusted, with the tree, and with `at` (1-based) of CHECKOUT's PLAN shown, or no editor. */
  const begin = async (at = 0) => {
    if (!window) {
      window = await another();
      await window.seen(ITEM, /CHECKOUT \d\/6/);
      if (await window.isThere(BANNER, "Restricted Mode")) await trust();
    }
    await window.press("Escape", "Escape");
    await window.command("Notifications: Clear All Notifications");
    await window.command("View: Close All Editors");
    await window.command("Planmark: Focus on Plans View");
    await window.seen(ROW, "NOTIFICATIONS");
    if (at) await window.open(plan, at);
  };

  const failed = async () => {
    for (const one of [window, other]) await one?.drop();
    window = undefined;
    other = undefined;
    host.theme = "dark";
    set({});
  };

  const hover = async (says) => {
    await window.press("Control+K", "Control+I");
    await window.seen(".monaco-hover", says);
  };

  const graph = async () => {
    await begin(1);
    await window.command("Planmark: Show Dashboard: Plan Graph");
    const page = window.dashboard();
    await page.locator("g.node").nth(5).waitFor();
    return page;
  };

  const tests = {
    "before the workspace is trusted, the server runs, by a program that the workspace has not chosen": async () => {
      await untrusted();
      await window.seen(ITEM, "CHECKOUT 2/6");
      await window.shot("restricted");
    },
    "before the workspace is trusted, no run starts": async () => {
      await untrusted();
      await window.open(plan, line("**Achievement 1.2"));
      await window.seen(".codelens-decoration a", "▶ address the fix");
      assert.equal(await window.isThere(".codelens-decoration a", /^Run$/), false);
      await window.command("Planmark: Show Dashboard");
      const page = await window.dashboardPage("Plans");
      await page.getByRole("button", { name: "Run the next steps of CHECKOUT" }).click();
      await window.seen(".notification-toast", "A run starts programs.");
      await window.command("Notifications: Clear All Notifications");
      await window.command("View: Close All Editors");
    },
    "with trust the workspace's settings count, and a wrong interpreter is said": async () => {
      await untrusted();
      await trust();
      await window.seen(".notification-toast", "planmark.server.interpreter is");
      await window.gone(ITEM, "CHECKOUT");
      await window.shot("failed");
      set({});
      await window.seen(ITEM, /CHECKOUT \d\/6/);
    },
    "a wrong interpreter is replaced by one of a list, where it is set": async () => {
      await begin();
      set({ "planmark.server.interpreter": "/no/such/python" });
      await window.seen(".notification-toast", "planmark.server.interpreter is /no/such/python");
      await window.click(".notification-toast .monaco-button", "Select Interpreter");
      await window.seen(".quick-input-list .monaco-list-row", /^Python 3\.\d+\.\d+/);
      await window.shot(`interpreters-${host.theme}`);
      await window.pick("Select Interpreter: which Python runs the server?", "Python 3.");
      const chosen = () => JSON.parse(readFileSync(settings, "utf8"))["planmark.server.interpreter"];
      await until("the setting", () => /^\/.*\/python[\d.]*$/.test(chosen()) && chosen() !== "/no/such/python");
      await window.seen(ITEM, /CHECKOUT \d\/6/);
      set({});
    },
    "the tree shows plans in groups, whole in a side bar of the usual width, their next steps and achievements":
      async () => {
        await begin();
        await window.seen(ROW, /Needs You\s*3/);
        await window.seen(BADGE, "3");
        assert.deepEqual(await window.cut(ROW), []);
        await window.click(ROW, "2/6 CHECKOUT");
        await window.seen(".tab.active", "PLAN_CHECKOUT.md");
        await window.page.locator(ROW, { hasText: "2/6 CHECKOUT" }).first().locator(".monaco-tl-twistie").click();
        await window.seen(ROW, /1\.2: address the fix/);
        await window.seen(ROW, /1\.2 needs fix/);
        await window.seen(`${ROW}[aria-label*="1.2 Idempotent charges, needs fix, next"]`);
        await window.widen();
        await window.seen(ROW, "Idempotent charges");
      },
    "in the tree a key acts on the selected line, wherever the cursor of the editor is": async () => {
      set({ "planmark.tree.followEditor": false });
      await begin();
      await window.click(ROW, "0/3 NOTIFICATIONS");
      await window.seen(".tab.active", "PLAN_NOTIFICATIONS.md");
      await window.open(plan, line("**Achievement 2.1**"));
      await window.command("Planmark: Focus on Plans View");
      await window.press("Control+K", "Shift+n");
      await until("the clipboard", async () => /^# NOTIFICATIONS 1\.2: /.test(await window.clipboard()));
      set({});
    },
    "the text shows states, a hover why": async () => {
      await begin(line("**Achievement 1.2**"));
      await window.seen(".codelens-decoration", "needs fix");
      await hover(/FIX_12\.md exists.*Next step/s);
      await window.press("Escape");
      await window.open(plan, line("**Achievement 2.1**"));
      await hover("Next step");
      await window.shot(`editor-${host.theme}`);
    },
    "the next prompt is two keys away from the clipboard": async () => {
      await begin(line("**Achievement 1.2**"));
      await window.press("Control+K", "n");
      await window.pick("Next Prompt: for what?");
      await window.pick("Next Prompt: CHECKOUT 1.2 (", "Copy");
      await until("the clipboard", async () => /^# CHECKOUT 1\.2: /.test(await window.clipboard()));
      await window.press("Control+K", "Shift+n");
      await window.seen(ITEM, "CHECKOUT 1.2 copied");
    },
    "or beside": async () => {
      await begin(line("**Achievement 1.2**"));
      await window.press("Control+K", "n");
      await window.pick("Next Prompt: for what?");
      await window.seen(".quick-input-title", "Next Prompt: CHECKOUT 1.2 (");
      await window.shot(`delivery-${host.theme}`);
      await window.pick("Next Prompt: CHECKOUT 1.2", "Open beside");
      await window.seen(".tab.active", "prompt_CHECKOUT_1.2_address_fix.md");
      await window.seen(CODE, "CHECKOUT 1.2: Idempotent charges");
      await window.command("View: Close Editor");
    },
    "another step is asked for in the question, with its size and a preview": async () => {
      await begin(line("**Achievement 1.2**"));
      await window.press("Control+K", "n");
      await window.pick("Next Prompt: for what?");
      await window.pick("Next Prompt: CHECKOUT 1.2 (", "Verify that the documents");
      await window.seen(".quick-input-title", /Next Prompt: CHECKOUT \([\d,]+ tokens\)/);
      await window.seen('.quick-input-widget input[placeholder^="Verify that the documents"]');
      await window.click(".quick-input-titlebar .codicon-eye");
      await window.seen(".tab", "prompt_CHECKOUT_verify.md");
      await window.shot(`preview-${host.theme}`);
      await window.pick("Next Prompt: CHECKOUT (", "Copy");
      await until("the clipboard", async () =>
        /^# CHECKOUT\n[\s\S]*verify that the documents/.test(await window.clipboard()),
      );
    },
    "a lens gives the prompt too": async () => {
      await begin(line("**Achievement 1.2**"));
      const asks = window.page.locator(".quick-input-title", { hasText: "Next Prompt: CHECKOUT 1.2" });
      await until("the question", async () => {
        // A click on a lens that is just being drawn again is lost.
        await window.click(".codelens-decoration a", "▶ address the fix");
        return asks.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
      });
      await window.pick("Next Prompt: CHECKOUT 1.2 (", "Copy");
      await until("the clipboard", async () => /^# CHECKOUT 1\.2: /.test(await window.clipboard()));
    },
    "a quick fix mends a finding": async () => {
      const stale = line("Next: Achievement 1.1");
      await begin(stale);
      await window.press("Control+Shift+M");
      await window.seen(".markers-panel .monaco-list-row", "no-achievements");
      await window.shot(`problems-${host.theme}`);
      await window.press("Control+J");
      await window.open(plan, stale);
      await window.press("End", "ArrowLeft", "ArrowLeft");
      const offered = window.page.locator(".action-widget .monaco-list-row", { hasText: "Achievement 1.2" }).first();
      await until("the fix", async () => {
        // While the diagnostics are made again, the editor offers nothing.
        await window.press("Control+.");
        return offered.waitFor({ timeout: 3000 }).then(
          () => true,
          () => false,
        );
      });
      await window.press("Enter");
      await window.seen(CODE, "Next: Achievement 1.2");
      await window.press("Control+Z", "Control+S");
      await window.gone(".tab.active.dirty");
    },
    "a verdict is recorded by name, and the state changes everywhere, in a second window too": async () => {
      await begin(line("**Achievement 1.2**"));
      other = await another();
      await other.seen(ITEM, "CHECKOUT 2/6");
      await window.command("Planmark: Approve…");
      await window.pick("Approve: select an achievement");
      await window.answer("Who decides?", "Ada");
      await window.answer("what did you review?", "Charged once, twice submitted");
      await window.seen(".monaco-dialog-box", "FIX_12.md is not answered");
      await window.click(".monaco-dialog-box .monaco-button", "Approve Anyway");
      await window.seen(".tab.active", "APPROVED_12_R2.md");
      await window.seen(ITEM, "CHECKOUT 3/6");
      await saved("APPROVED_12_R2.md", /Ada[\s\S]*Charged once/);
      await window.seen(ROW, "3/6");
      await other.seen(ITEM, "CHECKOUT 3/6");
      await other.close();
      other = undefined;
    },
    "a fix is requested in a document; the next time the name is there": async () => {
      await begin(line("**Achievement 2.1**"));
      await window.command("Planmark: Request Fix…");
      await window.pick("Request Fix: select an achievement");
      await window.answer("Who decides?", "Ada");
      await window.seen(".tab.active", "FIX_21.md");
      // The cursor is put into the first issue once the text is there.
      await window.seen(CODE, "FIX REQUIRED");
      await window.seen(ITEM, /Ln 11, Col 4/);
      await window.page.keyboard.type("The mail has no order number");
      await window.press("Control+S");
      await saved("FIX_21.md", /The mail has no order number/);
      await window.seen(ROW, /2\.1 needs fix.*Receipts by mail/);
      await window.command("Planmark: Request Fix…");
      await window.pick("Request Fix: select an achievement");
      assert.equal(await window.offered("Who decides?"), "Ada");
    },
    "a claim of an old plan is adopted only if the user picks it": async () => {
      await begin();
      await window.command("Planmark: Adopt Legacy Plan…");
      await window.pick("Adopt Legacy Plan: select a plan", "ACCOUNTS");
      await window.seen(".quick-input-title", "which claims are true?");
      await window.seen(".quick-input-count", "0 Selected");
      await window.shot(`adopt-${host.theme}`);
      await window.click(".quick-input-list .monaco-list-row .monaco-checkbox, .quick-input-list .monaco-list-row");
      await window.click(".quick-input-action .monaco-button, .quick-input-widget .monaco-button", "OK");
      await window.answer("Who decides?", "Ada");
      await window.seen(".tab.active", "APPROVED_11.md");
    },
    "the dashboard draws a board, progress, a graph and figures": async () => {
      const page = await graph();
      assert.equal(await page.locator("g.node").count(), 6);
      const waves = await page.locator("g.column.wave text").allTextContents();
      assert.deepEqual(waves, ["Wave 1", "Wave 2"]);
      const critical = page.locator("g.node.critical");
      const path = await critical.evaluateAll((nodes) => nodes.map((node) => node.getAttribute("data-id")));
      assert.deepEqual(path, ["2.1", "2.2"]);
      assert.match((await critical.first().getAttribute("aria-label")) ?? "", / 3\.5 h .*wave 1, on the critical path/);
      await window.shot(`graph-${host.theme}`);
      await window.dashboardPage("Server figures");
      await page.locator("svg.chart").nth(1).waitFor();
      await window.dashboardPage("Plans");
      await page.locator("progress").nth(5).waitFor();
      await window.dashboardPage("Board");
      await page.locator(".card").nth(5).waitFor();
      await window.shot(`dashboard-${host.theme}`);
    },
    // The tests before have changed states, so that the nodes and their places are read from the drawing.
    "the board is walked by keys, a card opens its achievement, and what awaits review can be approved": async () => {
      await begin(1);
      await window.command("Planmark: Show Dashboard");
      const page = await window.dashboardPage("Board");
      await page.locator('.card button[tabindex="0"]').first().focus();
      const focused = () =>
        page.locator(".card:focus-within").evaluate((card) => ({
          key: card.getAttribute("data-card"),
          column: card.closest("section").className,
        }));
      const first = await focused();
      await window.press("ArrowRight");
      const next = await focused();
      assert.notEqual(next.column, first.column);
      await window.press("ArrowLeft");
      assert.equal((await focused()).column, first.column);
      const awaits = page.locator(".column-review .card").first();
      assert.equal(await awaits.getByRole("button", { name: /^Approve…/ }).count(), 1);
      assert.equal(
        await page
          .locator(".column-done")
          .getByRole("button", { name: /^Approve…/ })
          .count(),
        0,
      );
      await page.locator('.card button[tabindex="0"]').first().focus();
      const key = (await focused()).key;
      await window.press("Enter");
      await window.seen(".tab.active", key.split("|")[1].split("/").at(-1));
    },
    "its graph is walked by keys, and leads to the achievement": async () => {
      const page = await graph();
      await page.locator('g.node[tabindex="0"]').focus();
      const focused = () =>
        page.locator("g.node:focus").evaluate((node) => {
          const { x, y } = node.getBoundingClientRect();
          return { id: node.getAttribute("data-id"), x, y };
        });
      const first = await focused();
      await window.press("ArrowRight");
      const right = await focused();
      assert.ok(right.x > first.x, `${first.id} → ${right.id}`);
      await window.press("ArrowDown");
      const below = await focused();
      assert.ok(below.y > right.y && below.x === right.x, `${right.id} ↓ ${below.id}`);
      await window.press("Enter");
      await window.seen(".tab.active", "PLAN_CHECKOUT.md");
      await window.seen(ITEM, `Ln ${line(`**Achievement ${below.id}**`)}, Col`);
    },
    "the waves are a list too, whose achievements keys open": async () => {
      const page = await graph();
      await page.locator("details.waves summary").focus();
      await window.press("Enter", "Tab");
      const [id] = (await page.locator("details.waves button:focus").textContent()).split(" ");
      await window.press("Enter");
      await window.seen(".tab.active", "PLAN_CHECKOUT.md");
      await window.seen(ITEM, `Ln ${line(`**Achievement ${id}**`)}, Col`);
    },
    "after a reload there is still one dashboard, shown or not": async () => {
      await graph();
      await window.open(plan);
      const errors = () => logged(host).match(/\[error\].*/g) ?? [];
      const before = errors();
      await window.reload();
      await window.seen(ITEM, /CHECKOUT \d\/6/);
      await window.command("Planmark: Show Dashboard");
      await window.dashboardPage("Board");
      await window.dashboard().locator(".card").nth(5).waitFor();
      const tabs = window.page.locator('.tab[data-resource-name="Planmark"], .tab[aria-label^="Planmark"]');
      assert.equal(await tabs.count(), 1);
      // The tab may be shown now, or be lost: the workbench does not always save what changed just before.
      await window.reload();
      await window.seen(ITEM, /CHECKOUT \d\/6/);
      await window.command("Planmark: Show Dashboard");
      await window.dashboardPage("Board");
      await window.dashboard().locator(".card").nth(5).waitFor();
      assert.equal(await tabs.count(), 1);
      assert.deepEqual(errors(), before, "a window that closes logs no error");
    },
    "in the other theme it is as readable": async () => {
      await begin();
      host.theme = "light";
      set({ "workbench.colorTheme": "Default Light Modern" });
      await window.seen(".monaco-workbench.vs:not(.vs-dark)");
      await window.open(plan, line("**Achievement 1.1**"));
      await window.seen(".codelens-decoration", "fix resolved");
      await hover("APPROVED_11.md");
      await window.shot(`editor-${host.theme}`);
      await window.command("Planmark: Show Dashboard: Server Figures");
      const page = window.dashboard();
      await page.locator("svg.chart").nth(1).waitFor();
      await window.shot(`figures-${host.theme}`);
      await window.dashboardPage("Board");
      await page.locator(".card").nth(5).waitFor();
      await window.shot(`dashboard-${host.theme}`);
    },
    "a crash is survived; many are said, with a button that helps": async () => {
      await begin();
      for (let crash = 0; crash <= MOST_CRASHES; crash++) {
        // One that has not answered yet would have failed to start, which is not tried again.
        const pid = await until("a server that runs", () =>
          servers(host).find((known) => logged(host).includes(`, process ${known}\n`)),
        );
        process.kill(pid, "SIGKILL");
        await until("it is gone", () => !servers(host).includes(pid));
      }
      await window.seen(".notification-toast", "crashed too often: it ended by SIGKILL");
      await window.seen(".welcome-view-content", "The server is not running");
      await window.shot("crashed");
      await window.click(".notification-toast .monaco-button", "Restart Server");
      await until("a server again", () => servers(host).length > 0);
      await window.seen(ITEM, /CHECKOUT \d\/6/);
    },
    "closing the window ends the server": async () => {
      await begin();
      await window.close();
      window = undefined;
      await until("no server", () => servers(host).length === 0);
    },
  };
  return { tests, failed };
}
