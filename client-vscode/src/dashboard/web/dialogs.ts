/** The views that a browser needs in place of an editor: a document, a prompt that was not copied, an approval. */
import { t } from "../../l10n";
import type { BrowserViews } from "../browserHost";
import { byId, focusKeys, focusOn, html } from "./dom";

const NAME = "planmark.name";

/** Shows a dialog with a title. When it closes, it is removed, and the focus goes back to where it was. */
function showDialog(title: string, look: string, ...children: (Node | string)[]): HTMLDialogElement {
  const keys = focusKeys(document.activeElement);
  const closed = (): void => {
    dialog.remove();
    // The element that had the focus may have been drawn again.
    if (document.activeElement === document.body) focusOn(document, keys);
  };
  const close = html("button", { type: "button", class: "close", onclick: () => dialog.close() }, t("Close"));
  const dialog = html(
    "dialog",
    { class: look, "aria-labelledby": "dialog-title", onclose: closed },
    html("header", {}, html("h2", { id: "dialog-title", dir: "auto" }, title), close),
    ...children,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Shows the text of a document, from its beginning to its end, at a line. */
export const showDocument: BrowserViews["showDocument"] = ({ path, line }, text) => {
  const lines = text.split("\n");
  const at = Math.min(line, lines.length) - 1;
  const marked = html("mark", {}, lines[at] || " ");
  const before = lines.slice(0, at).join("\n");
  const after = lines.slice(at + 1).join("\n");
  const body = html(
    "pre",
    { tabindex: 0, dir: "auto", role: "region", "aria-label": path },
    at > 0 ? `${before}\n` : "",
    at > 0 ? marked : (lines[at] ?? ""),
    after ? `\n${after}` : "",
  );
  showDialog(path, "document", body);
  body.focus();
  marked.scrollIntoView({ block: "center" });
};

/** Copies a prompt to the clipboard, or shows it if the browser refuses. */
export const takePrompt: BrowserViews["takePrompt"] = (text, step) => {
  const copied = (): void => {
    byId("said").textContent = t("The prompt is in the clipboard: {0}", step);
  };
  const shown = (): void => {
    const area = html("textarea", { readonly: true, rows: 20, "aria-label": t("Prompt"), dir: "auto" });
    area.value = text;
    showDialog(t("The browser did not copy the prompt: copy it here"), "prompt", area);
    area.focus();
    area.select();
  };
  // A page that is not on loopback or HTTPS has no clipboard.
  if (!navigator.clipboard) shown();
  else navigator.clipboard.writeText(text).then(copied, shown);
};

/** Shows what an approval lacks, and asks for a name and a note. */
export const askApproval: BrowserViews["askApproval"] = ({ achievement, title, missing, needsNote }, record) => {
  const by = html("input", { name: "by", required: true, autocomplete: "name", maxlength: 200 });
  by.value = nameKept();
  const note = html("textarea", { name: "note", rows: 4, required: needsNote });
  const problem = html("p", { class: "problem", role: "alert" });
  const button = html("button", { class: "primary" }, missing.length ? t("Approve anyway") : t("Approve"));
  const form = html(
    "form",
    {
      method: "dialog",
      onsubmit: async (event) => {
        event.preventDefault();
        if (!by.value.trim() || (needsNote && !note.value.trim())) {
          problem.textContent = by.value.trim() ? t("Write why you approve it.") : t("Write your name.");
          return;
        }
        button.disabled = true;
        keepName(by.value.trim());
        problem.textContent = await record(by.value.trim(), note.value.trim());
        button.disabled = false;
        if (!problem.textContent) dialog.close();
      },
    },
    ...(missing.length
      ? [
          html("p", {}, t("The files do not show that it is done:")),
          html("ul", { class: "missing" }, ...missing.map((text) => html("li", { dir: "auto" }, text))),
        ]
      : []),
    html("label", {}, html("span", {}, t("Your name")), by),
    html(
      "label",
      {},
      html("span", {}, needsNote ? t("Why do you approve it? (required)") : t("What did you review? (optional)")),
      note,
    ),
    html("p", { class: "muted" }, t("Both become part of the APPROVED file.")),
    problem,
    html("p", { class: "actions" }, button),
  );
  const dialog = showDialog(t("Approve {0} {1}", achievement, title), "approval", form);
  (by.value ? note : by).focus();
};

export const showProblem: BrowserViews["showProblem"] = (problem) => {
  showDialog(t("That did not work"), "message", html("p", { dir: "auto" }, problem));
};

function nameKept(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function keepName(name: string): void {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // A browser that keeps nothing asks again.
  }
}
