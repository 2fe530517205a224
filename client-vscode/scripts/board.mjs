// Writes the page of `planmark board`, which is the page of the dashboard in a browser, into the server: pip installs without Node.
// With --check it writes nothing, and fails if the files are out of date. Run it in the folder of the extension.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const TARGET = join("..", "server", "planmark", "board", "page");
const common = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: "none",
  target: "es2022",
  logLevel: "warning",
};

/** Returns the text of a bundle of one source. */
async function bundled(source, options = {}) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [source],
    format: "iife",
    charset: "utf8",
    ...options,
  });
  return outputFiles[0].text;
}

/** Returns the HTML of the page. */
async function html() {
  const source = await bundled("src/dashboard/page.ts", { format: "esm", minify: false });
  const { page, BROWSER_POLICY, BROWSER_SECTIONS } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  const icon = `data:image/svg+xml,${encodeURIComponent(readFileSync(join("media", "planmark.svg"), "utf8"))}`;
  const own = { icon, script: "/board.js", style: "/board.css", nonce: "", language: "en", texts: {} };
  return page({ ...own, policy: BROWSER_POLICY, sections: BROWSER_SECTIONS });
}

const files = {
  "index.html": await html(),
  "board.js": await bundled("src/dashboard/web/browser.ts"),
  "board.css": await bundled("src/dashboard/web/browser.css"),
};
if (!process.argv.includes("--check")) {
  mkdirSync(TARGET, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(TARGET, name), text);
    console.log(`${name}: ${(Buffer.byteLength(text) / 1000).toFixed(1)} kB`);
  }
} else {
  const old = Object.entries(files).filter(([name, text]) => {
    try {
      return readFileSync(join(TARGET, name), "utf8") !== text;
    } catch {
      return true;
    }
  });
  if (old.length) {
    console.error(`out of date in ${TARGET}: ${old.map(([name]) => name).join(", ")}: run \`npm run board\``);
    process.exit(1);
  }
}
