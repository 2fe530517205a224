// The page of `planmark board` in Chromium: each page of it, at several sizes and in several themes, by keys alone, and live.
//   PLANMARK_SOAK_SECONDS=60 node e2e/run.mjs board     every size and theme; else one of each
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { example, formatExamples } from "./host.mjs";
import { until } from "./ui/window.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PAGES = ["board", "plans", "graph", "history"];
const WHOLE = Boolean(process.env.PLANMARK_SOAK_SECONDS);
const WIDTHS = WHOLE ? [320, 600, 1280, 2560] : [320, 1280];
const THEMES = {
  light: { colorScheme: "light" },
  ...(WHOLE && { dark: { colorScheme: "dark" }, contrast: { colorScheme: "dark", contrast: "more" } }),
  ...(WHOLE && { forced: { forcedColors: "active" } }),
};
const MANY = WHOLE ? 500 : 60;
const FEEDBACK = "work-space/plans/SEARCH/execution/feedbacks";
const APPROVED = "# APPROVED\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n";

/** The parts of the test, each with a name; `python` runs the server, `folder` is a new folder. */
export function boardTests({ browser, python, folder, shots, errors }) {
  mkdirSync(shots, { recursive: true });

  /** Runs `work` with a page of the board of a workspace. */
  async function withBoard(workspace, { args = [], width = 1280, theme = {}, path = "" }, work) {
    const server = await startBoard(python, workspace, args);
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
      ...theme,
    });
    const open = async () => {
      const page = await context.newPage();
      page.on("pageerror", ({ message }) => errors.push(message));
      // The browser reports each refused request; the page says why it was refused.
      const isError = (message) => message.type() === "error" && !/status of (409|503)/.test(message.text());
      page.on("console", (message) => isError(message) && errors.push(message.text()));
      await page.goto(server.address + path);
      await page.waitForSelector("#board-count:not(:empty)");
      return page;
    };
    try {
      await work({ open, server, context });
    } finally {
      await context.close();
      await server.stop();
    }
  }

  /** Looks at every page of a board: nothing off the screen, nothing that the audit finds serious. */
  const looks = (name, workspaceOf, { all = false } = {}) => ({
    name: `board: ${name} fits, and can be read`,
    run: async () => {
      const workspace = workspaceOf(join(folder, name));
      for (const [theme, options] of Object.entries(all ? THEMES : { light: THEMES.light })) {
        for (const width of all ? WIDTHS : WIDTHS.slice(0, 2)) {
          await withBoard(workspace, { width, theme: options }, async ({ open }) => {
            const page = await open();
            for (const part of PAGES) {
              await page.click(`#tab-${part}`);
              await until(`${part} is drawn`, () => page.locator(`#${part}-body > *`).count());
              await page.screenshot({ path: join(shots, `board-${name}-${part}-${width}-${theme}.png`) });
              const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
              assert.ok(over <= 0, `${part} of ${name} at ${width} px: ${over} px are off the screen`);
              await audit(page, `${part} of ${name} at ${width} px, ${theme}`);
            }
          });
        }
      }
    },
  });

  return [
    looks("example", (path) => example(path), { all: true }),
    looks("odd", odd),
    looks("many", many),
    ...(WHOLE ? readdirSync(formatExamples(join(folder, "all"))) : ["openspec", "speckit"]).map((format) =>
      looks(format, (path) => join(formatExamples(path), format)),
    ),
    {
      name: "board: keys alone reach and open every card",
      run: () =>
        withBoard(example(join(folder, "keys")), {}, async ({ open }) => {
          const page = await open();
          await page.focus("#tab-board");
          await page.keyboard.press("End");
          assert.equal(await focused(page), "tab-history");
          await page.keyboard.press("Home");
          assert.equal(await focused(page), "tab-board");
          for (let count = 0; count < 20; count++) {
            if (await page.evaluate(() => document.activeElement?.matches(".card button"))) break;
            await page.keyboard.press("Tab");
          }
          const first = await cardOfFocus(page);
          assert.ok(first, "Tab reaches a card");
          await page.keyboard.press("ArrowRight");
          await page.keyboard.press("ArrowDown");
          const other = await cardOfFocus(page);
          assert.notEqual(other, first);
          await page.keyboard.press("Enter");
          await page.waitForSelector("dialog[open] pre");
          await audit(page, "a document");
          await page.keyboard.press("Escape");
          await page.waitForSelector("dialog[open]", { state: "detached" });
          assert.equal(await cardOfFocus(page), other, "the focus returns to the card");
        }),
    },
    {
      name: "board: a prompt goes to the clipboard",
      run: () =>
        withBoard(example(join(folder, "prompt")), {}, async ({ open }) => {
          const page = await open();
          await page.locator('[data-key^="copy|"]').first().click();
          const text = await until("the prompt is copied", () => page.evaluate(() => navigator.clipboard.readText()));
          assert.match(text, /Your task:/);
        }),
    },
    {
      name: "board: a verdict of a shell moves the card on every page, and the focus stays",
      run: () => {
        const workspace = example(join(folder, "live"));
        return withBoard(workspace, {}, async ({ open }) => {
          const [one, two] = [await open(), await open()];
          const card = '.column-review [data-card*="SEARCH"] .title';
          await one.waitForSelector(card);
          await one.focus("#board-text");
          mkdirSync(join(workspace, FEEDBACK), { recursive: true });
          writeFileSync(join(workspace, FEEDBACK, "APPROVED_12.md"), APPROVED);
          for (const page of [one, two]) {
            await until("the change is told", async () => /1\.2/.test(await page.locator("#said").innerText()));
          }
          assert.equal(await focused(one), "board-text");
        });
      },
    },
    {
      name: "board: two people approve at once, and one of them is told",
      run: () => {
        const workspace = example(join(folder, "two"));
        const before = approvals(workspace);
        return withBoard(workspace, { args: ["--allow-verdicts"] }, async ({ open }) => {
          const pages = [await open(), await open()];
          for (const page of pages) {
            await page.locator('[data-card*="SEARCH"] [data-key^="approve|"]').first().click();
            await page.fill('dialog[open] input[name="by"]', "Ada");
            await page.fill('dialog[open] textarea[name="note"]', "seen");
            await audit(page, "an approval");
          }
          await Promise.all(pages.map((page) => page.click("dialog[open] .primary")));
          const refused = await until("one of them is told", async () => {
            const told = pages.map((page) => page.locator("dialog[open] .problem:not(:empty)").count());
            return (await Promise.all(told)).reduce((sum, count) => sum + count, 0);
          });
          assert.equal(refused, 1);
          assert.equal(approvals(workspace).length, before.length + 1);
        });
      },
    },
    {
      name: "board: a page of another site can neither read nor approve",
      run: () => {
        const workspace = example(join(folder, "other"));
        return withBoard(workspace, { args: ["--allow-verdicts"] }, async ({ server, context }) => {
          const [address] = server.address.split("?");
          const site = createServer((_, answer) => answer.end("<!DOCTYPE html><title>x</title>"));
          await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
          const page = await context.newPage();
          await page.goto(`http://localhost:${site.address().port}/`);
          const got = await page.evaluate(async (board) => {
            const tried = async (path, options) =>
              fetch(board + path, options).then(
                async (answer) => answer.text(),
                () => "",
              );
            const body = JSON.stringify({
              plan: "work-space/plans/SEARCH/PLAN_SEARCH.md",
              achievement: "1.2",
              verdict: "approved",
              by: "Eve",
            });
            return [
              await tried("api/status", {}),
              await tried("api/status", { mode: "no-cors" }),
              await tried("api/verdict", { method: "POST", body, mode: "no-cors" }),
              await tried("api/verdict", { method: "POST", body, headers: { "Content-Type": "application/json" } }),
            ].join("");
          }, address);
          assert.equal(got, "");
          assert.ok(!existsSync(join(workspace, FEEDBACK, "APPROVED_12.md")));
          await new Promise((resolve) => site.close(resolve));
        });
      },
    },
    {
      name: "board: a workspace that vanishes, and a server that ends, are said",
      run: () => {
        const workspace = example(join(folder, "gone"));
        return withBoard(workspace, {}, async ({ open, server }) => {
          const page = await open();
          const problem = () => page.locator("#problem").innerText();
          renameSync(workspace, `${workspace}-moved`);
          await until("the page says that the workspace is gone", problem);
          renameSync(`${workspace}-moved`, workspace);
          await until("the page shows the workspace again", async () => !(await problem()));
          errors.length = 0;
          await server.stop();
          await until("the page says that the server is gone", problem);
          // The browser reports each lost connection.
          errors.length = 0;
        });
      },
    },
  ];
}

async function startBoard(python, workspace, args) {
  const child = spawn(python, ["-m", "planmark", "--workspace", workspace, "board", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const address = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve)),
    ended.then(() => {
      throw new Error(`planmark board has ended: ${said}`);
    }),
  ]);
  const stop = async () => {
    child.kill("SIGINT");
    await ended;
    assert.ok(!said.includes("Traceback"), said);
  };
  return { address, stop };
}

function approvals(workspace) {
  return readdirSync(join(workspace, FEEDBACK)).filter((name) => name.startsWith("APPROVED_"));
}

/** Fails if the audit finds anything serious on the page as it is shown now. */
async function audit(page, what) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await readAxe());
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
  assert.deepEqual(told, [], what);
}

let axe;
async function readAxe() {
  const { readFile } = await import("node:fs/promises");
  axe ??= await readFile(AXE, "utf8");
  return axe;
}

const focused = (page) => page.evaluate(() => document.activeElement?.id ?? "");

const cardOfFocus = (page) =>
  page.evaluate(() => document.activeElement?.closest("[data-card]")?.getAttribute("data-card") ?? "");

function writeFiles(root, texts) {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** A workspace with achievements without dependencies, and with titles that are long, hostile, or from right to left. */
function odd(root) {
  const titles = [
    "w".repeat(120),
    "A word ".repeat(30).trim(),
    "<img src=x onerror=\"document.title='broken'\">",
    "דוח מכירות שנתי",
    "تقرير المبيعات (v2)",
    "`code` & \"quotes\" 'single' \\ | {{ jinja }}",
    ...Array.from({ length: 23 }, (_, number) => `Part ${number}`),
  ];
  const index = titles.map((title, number) => `**Achievement 1.${number + 1}**: ${title}\n`).join("\n");
  return writeFiles(root, {
    "work-space/plans/ODD/PLAN_ODD.md": `# PLAN: ODD\n\n${index}`,
    [`work-space/plans/${"LONG-NAME-".repeat(11)}X/PLAN_${"LONG-NAME-".repeat(11)}X.md`]:
      "# PLAN\n\n**Achievement 1.1**: One\n",
  });
}

/** A workspace with many plans. */
function many(root) {
  const texts = Array.from({ length: MANY }, (_, number) => [
    `work-space/plans/P${number}/PLAN_P${number}.md`,
    `# PLAN: P${number}\n\n**Achievement 1.1**: First\n\n**Achievement 1.2**: Second\n`,
  ]);
  return writeFiles(root, Object.fromEntries(texts));
}
