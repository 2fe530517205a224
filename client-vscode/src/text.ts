/** Texts of documents in a form that cannot control the editor. */

/** Control characters other than tabs and line feeds, line separators, and controls of the direction of a text. */
const HIDDEN = /[^\P{Cc}\t\n]|[\u2028\u2029]|\p{Bidi_Control}|\p{Cs}/gu;

/** Returns a text with each control character as its escape. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** Returns an answer of the server with every text visible. */
export function allVisible<T>(value: T): T {
  if (typeof value === "string") return visible(value) as T;
  if (Array.isArray(value)) return value.map(allVisible) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, allVisible(item)])) as T;
}

/** Returns a text for a picker, in which `$(name)` is not an icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll("$(", "\\$(");
}

/** Returns a text for Markdown: nothing in it is markup, and no address becomes a link. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!<>|~$:@&^]/g, "\\$&");
}
