/** The file of a prompt for programs that read prompts from files: in the workspace, and ignored by git. */

import { createHash, randomUUID } from "node:crypto";
import { lstat, mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { t } from "../l10n";
import type { PromptResult } from "../protocol";

/** Relative to the workspace; with `/` on every system, as in the command lines that name the file. */
export const PROMPTS = ".planmark/prompts";
const LONGEST = 100;

/**
 * Returns the name of a prompt's file: one for each achievement, step and part, with characters that mean nothing to a shell or
 * a plan format.
 */
export function promptName(prompt: Pick<PromptResult, "feature" | "achievement" | "step" | "part">): string {
  const about = [prompt.feature, prompt.achievement, prompt.step, prompt.part].filter(Boolean).join("_");
  const plain = about.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  if (plain === about && about.length <= LONGEST) return `prompt_${about}.md`;
  // Two names that differ only in other characters stay different.
  return `prompt_${plain.slice(0, LONGEST)}_${createHash("sha256").update(about).digest("hex").slice(0, 8)}.md`;
}

/** Writes a prompt, whole or not at all, and returns its path relative to the workspace. Rejects if that would be outside of it. */
export async function writePrompt(prompt: PromptResult): Promise<string> {
  const root = await realpath(prompt.workspace);
  const folder = join(root, PROMPTS);
  for (const made of [dirname(folder), folder]) {
    await mkdir(made, { recursive: true });
    if ((await realpath(made)) !== made) {
      throw new Error(t("{0} is a link to a different folder, so no prompt is written there", made));
    }
  }
  const ignore = join(folder, ".gitignore");
  if (!(await exists(ignore)))
    await writeFile(ignore, "# Written by Planmark: prompts for agents.\n*\n", { flag: "wx" });
  const name = promptName(prompt);
  const part = join(folder, `.${randomUUID()}.md`);
  try {
    await writeFile(part, prompt.prompt, { flag: "wx" });
    await rename(part, join(folder, name));
  } finally {
    await rm(part, { force: true });
  }
  return `${PROMPTS}/${name}`;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
