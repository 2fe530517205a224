/** Texts of documents, safe for what shows them: nothing of them acts on the editor. */

/** Control characters other than tabs and line feeds, line separators, and controls of the direction of a text. */
const HIDDEN = /[^\P{Cc}\t\n]|[\u2028\u2029]|\p{Bidi_Control}|\p{Cs}/gu;

/** A text with each control character as its escape. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** What the server has answered, with every text visible. */
export function allVisible<T>(value: T): T {
  if (typeof value === "string") return visible(value) as T;
  if (Array.isArray(value)) return value.map(allVisible) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, allVisible(item)])) as T;
}

/** A text of a list to choose from, in which `$(name)` is no icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll("$(", "\\$(");
}

/** A text as Markdown shows it: nothing in it is markup, and no address becomes a link. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$:@&^]/g, "\\$&");
}
