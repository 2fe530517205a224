/** The lines of the picker of Planmark: Find…, from the answer or the error of the server. */

import { t } from "../l10n";
import type { FindMatch, FindResult } from "../protocol";
import { withoutIcons } from "../text";

/** A line of the picker. A line without a place says why there is nothing to open. */
export interface FindLine {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly place: { readonly workspace: string; readonly path: string; readonly line: number } | undefined;
}

/** Returns a line for each match, in the order of the server, or the reason why nothing matches. */
export function findLines(result: FindResult): FindLine[] {
  const matches = result.workspaces.flatMap(({ workspace, matches }) =>
    matches.map((match) => lineOf(workspace, match)),
  );
  if (matches.length) return matches;
  const reasons = result.workspaces.flatMap(({ terms = [] }) => terms.filter(({ alone }) => alone === 0));
  const terms = [...new Set(reasons.map(({ term }) => term))];
  return [messageLine(t("Nothing matches"), terms.length ? t("No match alone: {0}", terms.join(", ")) : "")];
}

/** Returns the lines of an error of the server: its first line, then the others, such as the examples. */
export function errorLines(message: string): FindLine[] {
  return message
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => messageLine(line.trim(), ""));
}

function lineOf(workspace: string, match: FindMatch): FindLine {
  const name = [match.feature && `@${match.feature}`, match.id].filter(Boolean).join(" ");
  const states = match.states.filter((state) => state !== "active" || match.states.length === 1);
  const about = [name, inWords(states.join(", ")), `${match.path}:${match.line}`];
  return {
    label: withoutIcons(`${inWords(match.type)}: ${match.title}`),
    description: withoutIcons(about.filter(Boolean).join(" · ")),
    detail: withoutIcons(match.text),
    place: { workspace, path: match.path, line: match.line },
  };
}

function messageLine(label: string, description: string): FindLine {
  return { label: withoutIcons(label), description: withoutIcons(description), detail: "", place: undefined };
}

function inWords(name: string): string {
  return name.replaceAll("_", " ");
}
