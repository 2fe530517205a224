/** The ways to deliver a prompt in this editor, and the function of each way. */

import { accessSync, constants, statSync } from "node:fs";
import { delimiter } from "node:path";
import * as vscode from "vscode";
import { t } from "../l10n";
import type { PromptResult } from "../protocol";
import { setting } from "../settings";
import { type Agent, agentsOf, isInstalled, type Programs, started } from "./agents";
import { writePrompt } from "./promptFile";
import type { PromptView } from "./promptView";
import { claudeUri, type Delivery, type Way } from "./quickPicks";
import { commandLine, shellOf, USUAL } from "./shellCommand";

const CLAUDE_CODE = "anthropic.claude-code";
const CHAT = "workbench.action.chat.open";
const SHELL_OF_WINDOWS = "cmd";

export interface Means {
  readonly log: vscode.LogOutputChannel;
  readonly view: PromptView;
}

/**
 * Way → the function that delivers a prompt, without agents in a terminal. Each rejects with a message that says what to do.
 */
const DELIVER: Readonly<Record<Exclude<Delivery, "terminal">, (prompt: PromptResult, means: Means) => Promise<void>>> =
  {
    copy: async (prompt) => {
      await vscode.env.clipboard.writeText(prompt.prompt);
      vscode.window.setStatusBarMessage(`$(copy) ${t("{0} copied, {1}", about(prompt), size(prompt))}`, 5000);
    },
    beside: (prompt, { view }) => view.show(prompt),
    chat: async (prompt) => {
      await vscode.commands.executeCommand(CHAT, { query: prompt.prompt, isPartialQuery: true });
    },
    claudeCode: async (prompt) => {
      const { uriScheme } = vscode.env;
      const whole = claudeUri(uriScheme, prompt.prompt);
      const uri = whole ?? claudeUri(uriScheme, `Read ${await writePrompt(prompt)} and do what it says.`);
      if (!uri || !(await vscode.env.openExternal(vscode.Uri.parse(uri, true)))) {
        throw new Error(t("Claude Code could not be opened. Copy the prompt instead."));
      }
    },
  };

/** Delivers a prompt. Rejects with a message that says what to do. */
export async function deliver(way: Way, prompt: PromptResult, means: Means): Promise<void> {
  if (way.delivery !== "terminal") {
    await DELIVER[way.delivery](prompt, means);
    return;
  }
  const agent = agents(means.log).find(({ name }) => name === way.agent);
  if (!agent) throw new Error(t("The agent {0} is not installed. Copy the prompt instead.", way.agent));
  await inTerminal(agent, prompt);
}

/** Returns the ways that this editor has now. A program that is not installed is left out. */
export async function ways(log: vscode.LogOutputChannel): Promise<Way[]> {
  const found: Way[] = [{ delivery: "copy" }, { delivery: "beside" }];
  const commands = await vscode.commands.getCommands(true);
  const hasChat = !vscode.workspace.getConfiguration("chat").get<boolean>("disableAIFeatures");
  if (hasChat && commands.includes(CHAT)) found.push({ delivery: "chat" });
  if (vscode.extensions.getExtension(CLAUDE_CODE)) found.push({ delivery: "claudeCode" });
  found.push(...agents(log).map(({ name }): Way => ({ delivery: "terminal", agent: name })));
  return found;
}

function agents(log: vscode.LogOutputChannel): Agent[] {
  const all = agentsOf(setting("delivery.agents", log));
  for (const wrong of all.wrong) log.warn(wrong);
  const programs: Programs = {
    path: process.env["PATH"] ?? "",
    endings: process.platform === "win32" ? (process.env["PATHEXT"] ?? ".EXE;.CMD;.BAT").toLowerCase().split(";") : [],
    separator: delimiter,
    isProgram,
  };
  return all.agents.filter((agent) => isInstalled(agent, programs));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Starts an agent in a new terminal, in the workspace. The prompt is in a file, so that no part of it is on the command line.
 */
async function inTerminal(agent: Agent, prompt: PromptResult): Promise<void> {
  const { words, input } = started(agent, await writePrompt(prompt));
  const own = shellOf(vscode.env.shell);
  const line = commandLine(own ?? (process.platform === "win32" ? SHELL_OF_WINDOWS : "posix"), words, input);
  const terminal = vscode.window.createTerminal({
    name: `${agent.name}: ${about(prompt)}`,
    cwd: prompt.workspace,
    // A shell with a different syntax would misread the line.
    ...(own ? {} : { shellPath: USUAL[process.platform === "win32" ? "win32" : "others"] }),
  });
  terminal.show();
  terminal.sendText(line);
}

export function about(prompt: PromptResult): string {
  return [prompt.feature, prompt.achievement].filter(Boolean).join(" ");
}

/** Returns the number of tokens of a prompt with its reading list, as budgets and hovers count it. */
export function size(prompt: PromptResult): string {
  return `${prompt.tokens.total.toLocaleString("en")} tokens`;
}
