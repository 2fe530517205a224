/** Texts in the language of the editor. The source is English: `l10n/bundle.l10n.json` has every text. */

/** Returns the translation of an English text with `{0}`, `{1}`, … replaced by the values. */
export type Translate = (english: string, ...values: (string | number)[]) => string;

/** Returns an English text with its values. */
export const inEnglish: Translate = (english, ...values) =>
  english.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)] ?? ""));

let translate = inEnglish;

/** Makes `t` use a translation. */
export function translateWith(other: Translate): void {
  translate = other;
}

/** Returns the translation of a text. The text is a literal, so that `scripts/l10n.mjs` finds it. */
export const t: Translate = (english, ...values) => translate(english, ...values);
