/** Prompts as read-only documents, so that the editor never asks to save them. */
import * as vscode from "vscode";
import type { PromptResult, ResearchResult, ReviewResult, Target } from "../protocol";
import type { Session } from "../session";
import { promptName } from "./promptFile";

export const SCHEME = "planmark-prompt";

/** Returns the URI of a prompt's document. Its query holds the request, so that a reloaded window can repeat it. */
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

/** Step with parts → the request for the prompt of a part. */
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
    // The step of the prompt is done meanwhile.
    return (await connection.request<PromptResult>("planmark/nextPrompt", target)).prompt;
  }
}
