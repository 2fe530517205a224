/** Prompts as documents that only show: nothing of them is ever asked to be saved. */
import * as vscode from "vscode";
import type { PromptResult, ResearchResult, ReviewResult, Target } from "../protocol";
import type { Session } from "../session";
import { promptName } from "./promptFile";

export const SCHEME = "planmark-prompt";

/** The document of a prompt. Its query says what it was made for, so that it can be made again after the window was reloaded. */
export function promptUri(prompt: PromptResult): vscode.Uri {
  const about = { workspace: prompt.workspace, plan: prompt.plan, achievement: prompt.ref ?? prompt.achievement };
  const query = JSON.stringify({ ...about, step: prompt.step, part: prompt.part ?? undefined });
  return vscode.Uri.from({ scheme: SCHEME, path: `/${promptName(prompt)}`, query });
}

export interface PromptView extends vscode.Disposable {
  readonly show: (prompt: PromptResult, options?: vscode.TextDocumentShowOptions) => Promise<void>;
}

/** Shows prompts beside the editor, each as it was when it was asked for. */
export function createPromptView(session: Session): PromptView {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => texts.get(uri.toString()) ?? (await again(session, uri)),
  };
  const disposables = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  );
  return {
    show: async (prompt, options = {}) => {
      const uri = promptUri(prompt);
      texts.set(uri.toString(), prompt.prompt);
      // The same document may be open with an earlier text.
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, {
        viewColumn: vscode.ViewColumn.Beside,
        preview: false,
        ...options,
      });
    },
    dispose: () => disposables.dispose(),
  };
}

type PartsResult = Pick<ReviewResult, "prompts"> | Pick<ResearchResult, "prompts">;

/** How the prompt of a part of a step is asked for, by the step. */
const PARTS: Readonly<Record<string, (part: string) => { readonly method: string; readonly params: object }>> = {
  review: (part) => ({ method: "planmark/review", params: { reviewers: part } }),
  research: (part) => ({ method: "planmark/research", params: { kind: part } }),
};

async function again(session: Session, uri: vscode.Uri): Promise<string> {
  const connection = await session.ensureStarted();
  const { step, part, ...target } = JSON.parse(uri.query) as Target & { step: string; part?: string };
  try {
    const parts = part === undefined ? undefined : PARTS[step]?.(part);
    if (parts) {
      const result = await connection.request<PartsResult>(parts.method, { ...target, ...parts.params });
      return result.prompts?.[0]?.prompt ?? "";
    }
    return (await connection.request<PromptResult>("planmark/nextPrompt", { ...target, step })).prompt;
  } catch {
    // The work has gone on: the step that it was for is done.
    return (await connection.request<PromptResult>("planmark/nextPrompt", target)).prompt;
  }
}
