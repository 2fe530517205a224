// Runs tests inside an extension host: a module that exports `run`, with the whole API of the editor.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CLIENT = join(HERE, "..");
/** The modules of tests. */
const MODULES = [
  "main",
  "actions",
  "truth",
  "tree",
  "delivery",
  "runs",
  "large",
  "empty",
  "roots",
  "formats",
  "start",
  "events",
  "readonly",
  "nopython",
];
/** Of the tests of one module: a machine with busy neighbours needs minutes, one where they stand still would need for ever. */
const SECONDS = 600;

/** Bundles the tests; gives the folder of the bundles. */
export async function bundleTests() {
  const out = join(CLIENT, "out", "api");
  mkdirSync(out, { recursive: true });
  await build({
    entryPoints: MODULES.map((name) => join(HERE, "api", `${name}.ts`)),
    outdir: out,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    logLevel: "warning",
  });
  return out;
}

/**
 * Runs the tests of `module` in a window of `host` on `folder`, from the sources or as installed. `folder` may be the file of a
 * workspace with several folders, or "" for none. The output of the extension host goes to `said`. Rejects if a test fails.
 */
export async function runInside({ browser, host, module, folder, said }) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  // The module has its own limit; on a busy machine the window alone can take more than the usual 30 seconds.
  context.setDefaultTimeout(SECONDS * 1000);
  try {
    const page = await context.newPage();
    page.on("console", (message) => said.push(message.text()));
    const ended = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the tests did not end within ${SECONDS} s`)), SECONDS * 1000);
      page.exposeFunction("codeAutomationExit", (code) => {
        clearTimeout(late);
        resolve(code);
      });
    });
    await page.exposeFunction("codeAutomationLog", (_kind, args) => {
      // Only the lines of the tests' own reporter: the editor says much besides.
      for (const line of args.filter((part) => typeof part === "string" && part.startsWith("test: ")))
        console.log(line.slice(6));
    });
    const at = `vscode-remote://${host.address}`;
    const payload = [
      ["extensionDevelopmentPath", `${at}${CLIENT.replace(/\/$/, "")}`],
      ["extensionTestsPath", `${at}${module}`],
      ["skipWelcome", "true"],
    ];
    const kind = folder.endsWith(".code-workspace") ? "workspace" : "folder";
    const where = folder ? `${kind}=${encodeURIComponent(folder)}` : "ew=true";
    await page.goto(`http://${host.address}/?${where}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
    const code = await ended;
    if (code !== 0) throw new Error(`tests failed in ${module}`);
  } finally {
    await context.close();
  }
}
