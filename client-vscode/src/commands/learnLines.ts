/** The lines of the picker of Planmark: Find Similar Work, from the answer of the server. */

import { t } from "../l10n";
import type { LearnResult } from "../protocol";
import { withoutIcons } from "../text";
import type { FindLine } from "./findLines";

/** Returns the known failures, each with its fix, then the similar work, best first; [] if nothing is known. */
export function learnLines({ workspace, failures, similar }: LearnResult): FindLine[] {
  const known = failures.map(({ says, where, path, line, fix }) => ({
    label: withoutIcons(says),
    description: withoutIcons(path ? `${where} · ${path}:${line}` : where),
    detail: withoutIcons(fix),
    place: path ? { workspace, path, line } : undefined,
  }));
  const work = similar.map(({ kind, title, path, from, excerpt }) => ({
    label: withoutIcons(`${kind}: ${title}`),
    description: withoutIcons(`${path}:${from}`),
    detail: withoutIcons(excerpt),
    place: { workspace, path, line: from },
  }));
  return [...known, ...work];
}

/** Returns the title of the picker: the achievement, or the text that the user has selected. */
export function learnTitle({ feature, achievement }: LearnResult): string {
  return achievement ? t("Similar work: {0} {1}", feature ?? "", achievement) : t("Similar work: the selected text");
}
