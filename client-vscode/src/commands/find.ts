/** Planmark: Find…, which asks the server for documents and items while the user types a query. */

import * as vscode from "vscode";
import { t } from "../l10n";
import type { FindResult } from "../protocol";
import type { Session } from "../session";
import { open } from "./documents";
import { errorLines, type FindLine, findLines } from "./findLines";

const LIMIT = 50;
const PAUSE_MS = 80;

interface Line extends vscode.QuickPickItem {
  readonly place: FindLine["place"];
}

/** Shows a picker whose lines are the matches of its text, and opens the match that the user accepts. */
export async function find(session: Session): Promise<void> {
  const connection = await session.ensureStarted();
  const input = vscode.window.createQuickPick<Line>();
  input.title = t("Find");
  input.placeholder = t("Words or properties, such as state:approved type:subplan -draft");
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = async (): Promise<void> => {
    const own = ++asked;
    input.busy = true;
    const lines = await connection
      .request<FindResult>("planmark/find", { query: input.value, limit: LIMIT })
      .then(findLines, (error: unknown) => errorLines(error instanceof Error ? error.message : String(error)));
    // A later query has an answer of its own.
    if (own !== asked) return;
    input.busy = false;
    // The server has filtered, so the editor must not.
    input.items = lines.map((line) => ({ ...line, alwaysShow: true }));
  };
  input.onDidChangeValue(() => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  input.onDidAccept(() => {
    const place = input.activeItems[0]?.place;
    if (!place) return;
    input.hide();
    void open(place);
  });
  input.onDidHide(() => {
    clearTimeout(timer);
    asked++;
    input.dispose();
  });
  input.show();
  await ask();
}
