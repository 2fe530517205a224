/** The health of the server in one line for the status item, and the command of a click. */
import { t } from "../l10n";
import type { ServerStatus } from "../protocol";

export type Health =
  | { readonly is: "resting" }
  | { readonly is: "starting" }
  | { readonly is: "running"; readonly server: ServerStatus; readonly note: string }
  | { readonly is: "restarting"; readonly crashes: number }
  | { readonly is: "failed"; readonly problem: string };

export interface Shown {
  readonly text: string;
  readonly detail: string;
  readonly severity: "information" | "warning" | "error";
  readonly busy: boolean;
  readonly action: { readonly title: string; readonly command: string };
}

const LOG = { title: t("Show Log"), command: "planmark.showLog" };
const RESTART = { title: t("Restart Server"), command: "planmark.restartServer" };
const SEVERITIES = { ok: "information", warning: "warning", error: "error" } as const;

/** Returns the text, icon and command of the status item. */
export function shown(health: Health): Shown {
  switch (health.is) {
    case "resting":
      return { text: "Planmark", detail: t("No plan here"), severity: "information", busy: false, action: RESTART };
    case "starting":
      return { text: "Planmark", detail: t("Starting…"), severity: "information", busy: true, action: LOG };
    case "restarting":
      return {
        text: "Planmark",
        detail: t("The server has crashed ({0} times in three minutes). It is starting again…", health.crashes),
        severity: "warning",
        busy: true,
        action: LOG,
      };
    case "failed":
      return {
        text: t("Planmark: no server"),
        detail: firstLine(health.problem),
        severity: "error",
        busy: false,
        action: RESTART,
      };
    case "running": {
      const { server, note } = health;
      const severity = note && server.health === "ok" ? "warning" : SEVERITIES[server.health];
      const speaks = server.quiescent || server.health !== "ok";
      const detail = speaks ? [note, server.message].filter(Boolean).join("\n") || t("Ready") : t("Reading plans…");
      return { text: "Planmark", detail: firstLine(detail), severity, busy: !server.quiescent, action: LOG };
    }
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
