// The end-to-end tests: in the extension hosts of two versions of VS Code, and in the workbench as a person uses it.
//   node e2e/run.mjs [api] [ui] [--write] [--only=TEXT]... [--once]
// Without a name both run. --write puts the screenshots into images/. --only runs the modules of `api` and the tests of `ui` whose
// names contain one of the texts, and no second version of VS Code. --once does not try again what fails.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
/** Maximum number of tries of a host before its tests count as failed. */
const TIMES = process.argv.includes("--once") ? 1 : 3;
const PICTURES = ["editor-light", "editor-dark", "dashboard-light", "dashboard-dark", "graph-dark", "delivery-dark"];
const wanted = process.argv.slice(2).filter((name) => !name.startsWith("--"));
const wants = (name) => wanted.length === 0 || wanted.includes(name);
const only = process.argv
  .filter((argument) => argument.startsWith("--only="))
  .map((argument) => argument.slice("--only=".length));
const isChosen = (name) => only.length === 0 || only.some((text) => name.includes(text));

install();
const { bundleTests, runInside } = await import("./api.mjs");
const { launchBrowser } = await import("./browser.mjs");
const { barePython, example, formatExamples, loggedErrors, readOnlyExample, severalFolders, startHost, temporary } =
  await import("./host.mjs");
const { writeLarge } = await import("./large.mjs");
const { beginningTests, PICTURE_THEMES, STEPS } = await import("./ui/beginning.mjs");
const { looksTests } = await import("./ui/looks.mjs");
const { uiTests } = await import("./ui/main.mjs");

const { version } = JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8"));
const vsix = join(CLIENT, "..", "dist", `planmark-linux-x64-${version}.vsix`);
if (!process.env.PLANMARK_VSIX || !existsSync(vsix)) {
  const made = spawnSync(process.execPath, [join(CLIENT, "scripts", "package.mjs")], { stdio: "inherit" });
  if (made.status) process.exit(made.status);
}
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0);
const folders = [];
const failures = [];
const said = [];
const browser = await launchBrowser();

/**
 * Runs `work` with a host of its own, and checks the logs of its extension hosts. A workbench in a browser without a screen
 * sometimes hangs on a busy machine. Therefore a failed test is tried again in a new host, and both tries are reported.
 */
async function withHost(name, options, work) {
  let failed = await once(name, options, work);
  for (let time = 2; failed.length && time <= TIMES; time++) {
    for (const failure of failed) console.log(`AGAIN ${failure}`);
    failed = await once(`${name}, time ${time}`, options, work);
  }
  failures.push(...failed);
}

/** The failed tests. */
async function once(name, options, work) {
  const failed = [];
  const home = temporary();
  folders.push(home);
  const host = await startHost({ home, python: barePython(home), ...options });
  try {
    await work(host, home, failed);
  } catch (error) {
    failed.push(`${name}: ${error.stack ?? error}`);
  } finally {
    await host.stop();
  }
  for (const text of loggedErrors(host)) failed.push(`${name}: the extension host logs ${text.slice(0, 600)}`);
  console.log(`${name}: done after ${seconds()} s`);
  return failed;
}

/** Copies the pictures that were taken: with --only those of the tests that ran. */
function copyPictures(from, to, names) {
  mkdirSync(to, { recursive: true });
  for (const name of names) {
    const picture = join(from, `${name}.png`);
    if (existsSync(picture)) copyFileSync(picture, join(to, `${name}.png`));
    else if (only.length === 0) throw new Error(`no test has taken the picture ${name}`);
  }
}

try {
  if (wants("api")) {
    const bundles = await bundleTests();
    const trusted = { settings: { "security.workspace.trust.enabled": false }, args: ["--enable-smoke-test-driver"] };
    const module = (name) => join(bundles, `${name}.js`);
    const large = (home) => {
      const folder = join(home, "large");
      writeLarge(folder);
      return folder;
    };
    const run = (modules) => async (host, home) => {
      for (const [name, folder] of Object.entries(modules)) {
        const own = join(home, name);
        mkdirSync(own);
        await runInside({ browser, host, module: module(name), folder: folder(own), said });
      }
    };
    const newest = {
      main: example,
      actions: example,
      delivery: example,
      truth: example,
      tree: example,
      empty: () => "",
      roots: severalFolders,
      formats: formatExamples,
      start: example,
      events: (home) => home,
      large,
    };
    const hosts = [
      { name: "newest", modules: newest },
      { name: "read-only", options: { isUnprivileged: true }, modules: { readonly: readOnlyExample } },
      { name: "no Python", options: { hasPython: false }, modules: { nopython: example } },
      { name: "lowest", options: { kind: "lowest" }, modules: only.length ? {} : { main: example } },
    ];
    for (const { name, options, modules } of hosts) {
      const chosen = Object.entries(modules).filter(([module]) => isChosen(module));
      if (chosen.length) {
        await withHost(name, { kind: "newest", ...trusted, ...options }, run(Object.fromEntries(chosen)));
      }
    }
  }
  if (wants("ui")) {
    const shots = join(CLIENT, "out", "screenshots");
    rmSync(shots, { recursive: true, force: true });
    await withHost("workbench", { kind: "newest", vsix }, async (host, home, failed) => {
      const suites = {
        beginning: beginningTests({ browser, host, home, shots, said }),
        looks: looksTests({ browser, host, home, shots, said }),
        main: uiTests({ browser, host, folder: example(home), shots, said }),
      };
      const all = Object.entries(suites).flatMap(([suite, { tests, failed: giveUp }]) =>
        Object.entries(tests).map(([name, test]) => ({ name: `${suite}: ${name}`, test, giveUp })),
      );
      for (const { name, test, giveUp } of all) {
        if (!isChosen(name)) continue;
        const from = Date.now();
        try {
          await test();
        } catch (error) {
          for (const [index, context] of browser.contexts().entries()) {
            await context.pages()[0]?.screenshot({ path: join(shots, `FAILED-${failed.length}-${index}.png`) });
          }
          failed.push(`${name}: ${error.message}`);
          console.log(`FAIL ${name}`);
          await giveUp();
          continue;
        }
        console.log(`ok   ${name} (${Date.now() - from} ms)`);
      }
    });
    if (process.argv.includes("--write") && failures.length === 0) {
      copyPictures(shots, join(CLIENT, "images"), PICTURES);
      const ofSteps = STEPS.flatMap((step) => PICTURE_THEMES.map((theme) => `${step}-${theme}`));
      copyPictures(shots, join(CLIENT, "media", "walkthrough"), ofSteps);
    }
  }
} finally {
  await browser.close();
}
for (const folder of failures.length ? [] : folders) {
  // A file without write permission cannot be removed either.
  spawnSync("chmod", ["-R", "u+w", folder]);
  // A process of the host may write for a moment after it was told to end.
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    // On a busy machine the moment may be longer. The tests have passed, so what is left is only said.
    console.log(`not removed: ${error.message}`);
  }
}
for (const failure of failures) console.error(`FAIL ${failure}`);
console.log(`end-to-end: ${failures.length ? `${failures.length} failed` : "passed"} in ${seconds()} s`);
process.exit(failures.length ? 1 : 0);
