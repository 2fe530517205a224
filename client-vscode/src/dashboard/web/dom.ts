/** Elements of the page, made without markup in strings. */
import { changes, type Keyed } from "../redraw";

type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

const SVG = "http://www.w3.org/2000/svg";

/** Returns an HTML element with attributes, listeners (`onclick`) and children. */
export function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), attributes, children);
}

/** Returns an SVG element with attributes, listeners and children. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes,
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, name) as SVGElementTagNameMap[K], attributes, children);
}

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined));
  return element;
}

/** Returns the element of the page with this id. */
export function byId<E extends HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found as E;
}

/**
 * Changes the content of an element; the focus stays where it was, on the element with the same `data-key`. If this one is
 * gone, the focus goes to the element that `data-focus` of the item around it names.
 */
export function keepingFocus(parent: HTMLElement, change: () => void): void {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const keys = focusKeys(focused);
  change();
  if (focused !== document.activeElement) focusOn(parent, keys);
}

/** Returns the keys of the elements to focus after the element is gone, the best first. */
export function focusKeys(focused: Element | null): string[] {
  const item = focused?.closest("[data-focus]")?.getAttribute("data-focus");
  return [focused?.getAttribute("data-key"), item].filter((key): key is string => Boolean(key));
}

/** Focuses the first element inside of `parent` that has one of the keys. */
export function focusOn(parent: ParentNode, keys: readonly string[]): void {
  const elements = keys.map((key) => parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`));
  elements.find((element) => element !== null)?.focus();
}

/** Puts new content into an element; the focus stays where it was. */
export function replace(parent: HTMLElement, ...children: Child[]): void {
  keepingFocus(parent, () =>
    parent.replaceChildren(...children.filter((child): child is Node | string => child !== undefined)),
  );
}

/** Returns a function that makes the children of an element those of a list. Elements of items that show the same as before stay. */
export function keyedChildren<Item extends Keyed>(
  parent: HTMLElement,
  make: (item: Item) => HTMLElement,
): (items: readonly Item[]) => void {
  const elements = new Map<string, HTMLElement>();
  let before: ReadonlyMap<string, string> = new Map();
  return (items) => {
    const { gone, made } = changes(before, items);
    for (const key of gone) {
      elements.get(key)?.remove();
      elements.delete(key);
    }
    for (const [index, item] of items.entries()) {
      if (made.has(item.key)) {
        const fresh = make(item);
        elements.get(item.key)?.replaceWith(fresh);
        elements.set(item.key, fresh);
      }
      const element = elements.get(item.key);
      const there = parent.children[index] ?? null;
      if (element && element !== there) parent.insertBefore(element, there);
    }
    before = new Map(items.map(({ key, shows }) => [key, shows]));
  };
}

/** Makes a text that of an element. An equal text is not set again, because screen readers would say it again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A choice of a select. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Makes the choices of a select those of a list if they differ, and selects one. */
export function setChoices(select: HTMLSelectElement, choices: readonly Choice[], chosen: string): void {
  const shows = JSON.stringify(choices);
  if (select.dataset["shows"] !== shows) {
    select.dataset["shows"] = shows;
    select.replaceChildren(...choices.map(({ value, label }) => html("option", { value, dir: "auto" }, label)));
  }
  if (select.value !== chosen) select.value = chosen;
}

/** Returns a control with its label before it. */
export function labelled(label: string, control: HTMLElement): HTMLElement {
  return html("label", {}, html("span", {}, label), control);
}
