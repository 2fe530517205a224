// Debian's Chromium, without a window, driven by playwright.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const PROGRAMS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** The browser's program; undefined where there is none. */
export function browserProgram() {
  return PROGRAMS.find((path) => path && existsSync(path));
}

/** A browser that reaches this machine only. */
export function launchBrowser() {
  const executablePath = browserProgram();
  if (!executablePath) throw new Error("no Chromium: install it (apt-get install chromium) or name it in CHROMIUM");
  return chromium.launch({
    executablePath,
    args: [
      ...FLAGS,
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ],
  });
}
