/** Takes a prompt to where it is used. */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import type { PromptResult } from "../protocol";
import { setting } from "../settings";
import { claudeUri, type Delivery, terminalLine } from "./quickPicks";

const CLAUDE_CODE = "anthropic.claude-code";

export interface Means {
  readonly storage: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
}

type Deliver = (prompt: PromptResult, means: Means) => Promise<void>;

/** How each way delivers. Rejects with what is wrong and what to do. */
export const DELIVER: Readonly<Record<Delivery, Deliver>> = {
  copy: async (prompt) => {
    await vscode.env.clipboard.writeText(prompt.prompt);
    vscode.window.setStatusBarMessage(`$(copy) ${about(prompt)} copied, ${size(prompt)}`, 5000);
  },
  beside: async (prompt) => {
    const document = await vscode.workspace.openTextDocument({ language: "markdown", content: prompt.prompt });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
  },
  chat: async (prompt) => {
    const commands = await vscode.commands.getCommands(true);
    if (!commands.includes("workbench.action.chat.open")) {
      throw new Error("this editor has no chat view; copy the prompt instead");
    }
    await vscode.commands.executeCommand("workbench.action.chat.open", { query: prompt.prompt, isPartialQuery: true });
  },
  claudeCode: async (prompt, means) => {
    if (!vscode.extensions.getExtension(CLAUDE_CODE)) {
      throw new Error(`the extension ${CLAUDE_CODE} is not installed; copy the prompt instead`);
    }
    const { uriScheme } = vscode.env;
    const whole = claudeUri(uriScheme, prompt.prompt);
    const uri =
      whole ?? claudeUri(uriScheme, terminalLine("Read {file} and do what it says.", await file(prompt, means)));
    if (!uri || !(await vscode.env.openExternal(vscode.Uri.parse(uri, true)))) {
      throw new Error("Claude Code was not opened; copy the prompt instead");
    }
  },
  terminal: async (prompt, means) => {
    const terminal = vscode.window.activeTerminal ?? vscode.window.createTerminal("Planmark");
    terminal.show();
    terminal.sendText(terminalLine(setting("delivery.terminalText", means.log), await file(prompt, means)), false);
  },
};

/** Writes a prompt to a file of the extension's own, one for each achievement and step, and gives its path. */
async function file(prompt: PromptResult, means: Means): Promise<string> {
  const workspace = createHash("sha256").update(prompt.workspace).digest("hex").slice(0, 8);
  const name = [prompt.feature, prompt.achievement, prompt.step].filter(Boolean).join("_");
  const uri = vscode.Uri.joinPath(means.storage, "prompts", workspace, `${name}.md`);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(prompt.prompt));
  return uri.fsPath;
}

function about(prompt: PromptResult): string {
  return [prompt.feature, prompt.achievement].filter(Boolean).join(" ");
}

function size(prompt: PromptResult): string {
  return `${prompt.tokens.prompt.toLocaleString("en")} tokens`;
}
