/** The facts for a bug report, as Markdown, without any text of documents. */
import type { RejectedCandidate } from "./resolveServer";

export interface Facts {
  readonly extension: string;
  readonly server: string;
  readonly editor: string;
  readonly system: string;
  readonly remote: string;
  readonly trusted: boolean;
  readonly launch: string;
  readonly tried: readonly RejectedCandidate[];
  readonly health: string;
  readonly figures: string;
  /** Keys of the settings that differ from their defaults; no values. */
  readonly settings: readonly string[];
  readonly log: readonly string[];
  readonly home: string;
}

/** Returns the report; the user's home folder is written as `~`. */
export function report(facts: Facts): string {
  const rows: readonly (readonly [string, string])[] = [
    ["extension", facts.extension],
    ["server", facts.server],
    ["started by", facts.launch],
    ["health", facts.health],
    ["editor", facts.editor],
    ["system", facts.system],
    ["remote", facts.remote || "no"],
    ["workspace trusted", facts.trusted ? "yes" : "no"],
    ["figures", facts.figures],
    ["settings that are set", facts.settings.join(", ") || "none"],
  ];
  const lines = [
    "## Planmark",
    "",
    "| what | is |",
    "| --- | --- |",
    ...rows.map(([name, value]) => `| ${name} | ${value.replaceAll("\n", "; ").replaceAll("|", "\\|")} |`),
  ];
  if (facts.tried.length) {
    lines.push("", "Tried before:", "");
    lines.push(
      ...facts.tried.map((known) => `- ${known.candidate.executable} (${known.candidate.source}): ${known.problem}`),
    );
  }
  lines.push("", "The last lines of the log:", "", "```", ...facts.log, "```", "");
  const text = lines.join("\n");
  return facts.home ? text.replaceAll(facts.home, "~") : text;
}
