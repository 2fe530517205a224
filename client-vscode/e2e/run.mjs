// The end-to-end tests: in the extension hosts of two versions of VS Code, in the workbench as a person uses it, and the page of
// `planmark board` in a browser.
//   node e2e/run.mjs [api] [ui] [board] [--write] [--only=TEXT]... [--once]
// Without a name all run. --write puts the screenshots into images/. --only runs the modules of `api` and the tests of `ui` whose
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
const { boardTests } = await import("./board.mjs");
const { launchBrowser } = await import("./browser.mjs");
const { barePython, example, formatExamples, newErrors, readOnlyExample, severalFolders, startHost, temporary } =
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
const shots = join(CLIENT, "out", "screenshots");
rmSync(shots, { recursive: true, force: true });

/**
 * Runs parts with a host of their own, and checks the logs of its extension hosts after each. A workbench in a browser without a
 * screen sometimes hangs on a busy machine. Therefore failed parts are tried again in a new host, and all tries are reported.
 * `partsOf` gives them in order: `name`, `run`, and `giveUp` if something must follow a failure.
 */
async function withHost(name, options, partsOf) {
  let failed = await once(name, options, partsOf);
  for (let time = 2; failed.length && time <= TIMES; time++) {
    for (const { message } of failed) console.log(`AGAIN ${message}`);
    failed = await once(`${name}, time ${time}`, options, partsOf, new Set(failed.map(({ part }) => part)));
  }
  failures.push(...failed.map(({ message }) => message));
}

/** Runs the parts with these names, or all; gives the failures, each with the name of its part. */
async function once(name, options, partsOf, names) {
  const failed = [];
  const home = temporary();
  folders.push(home);
  const host = await startHost({ home, python: barePython(home), ...options });
  const parts = partsOf(host, home).filter((part) => !names || names.has(part.name));
  const addLogged = (part) => {
    for (const text of newErrors(host)) {
      failed.push({ part, message: `${name}: ${part}: the extension host logs ${text.slice(0, 600)}` });
    }
  };
  try {
    for (const { name: part, run, giveUp } of parts) {
      const from = Date.now();
      try {
        await run();
        console.log(`ok   ${part} (${Date.now() - from} ms)`);
      } catch (error) {
        for (const [index, context] of browser.contexts().entries()) {
          const path = join(shots, `FAILED-${failed.length}-${index}.png`);
          await context
            .pages()[0]
            ?.screenshot({ path })
            .catch(({ message }) => console.log(`no picture: ${message}`));
        }
        failed.push({ part, message: `${name}: ${part}: ${error.message}` });
        console.log(`FAIL ${part} (${Date.now() - from} ms)`);
        await giveUp?.();
      }
      addLogged(part);
    }
  } finally {
    await host.stop();
  }
  // What is logged while the host ends belongs to the last part.
  if (parts.length) addLogged(parts.at(-1).name);
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
    const partsOf = (modules) => (host, home) =>
      modules.map(([name, folder]) => ({
        name,
        run: async () => {
          const own = join(home, name);
          mkdirSync(own);
          await runInside({ browser, host, module: module(name), folder: folder(own), said });
        },
      }));
    const newest = {
      main: example,
      actions: example,
      delivery: example,
      runs: example,
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
        await withHost(name, { kind: "newest", ...trusted, ...options }, partsOf(chosen));
      }
    }
  }
  if (wants("ui")) {
    await withHost("workbench", { kind: "newest", vsix }, (host, home) => {
      const suites = {
        beginning: beginningTests({ browser, host, home, shots, said }),
        looks: looksTests({ browser, host, home, shots, said }),
        main: uiTests({ browser, host, folder: example(home), shots, said }),
      };
      return Object.entries(suites)
        .flatMap(([suite, { tests, failed: giveUp }]) =>
          Object.entries(tests).map(([name, run]) => ({ name: `${suite}: ${name}`, run, giveUp })),
        )
        .filter(({ name }) => isChosen(name));
    });
    if (process.argv.includes("--write") && failures.length === 0) {
      copyPictures(shots, join(CLIENT, "images"), PICTURES);
      const ofSteps = STEPS.flatMap((step) => PICTURE_THEMES.map((theme) => `${step}-${theme}`));
      copyPictures(shots, join(CLIENT, "media", "walkthrough"), ofSteps);
    }
  }
  if (wants("board")) {
    const folder = temporary();
    folders.push(folder);
    const errors = [];
    for (const { name, run } of boardTests({
      browser,
      python: process.env.PYTHON ?? "python3",
      folder,
      shots,
      errors,
    })) {
      if (!isChosen(name)) continue;
      const from = Date.now();
      try {
        await run();
        if (errors.length) throw new Error(`the page reports ${errors.splice(0).join("; ")}`);
        console.log(`ok   ${name} (${Date.now() - from} ms)`);
      } catch (error) {
        failures.push(`${name}: ${error.message}`);
        console.log(`FAIL ${name} (${Date.now() - from} ms)`);
      }
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
