/** The tabs of the page: one is selected; arrow keys, Home and End move between them. */
import type { Section } from "../messages";
import { byId } from "./dom";

export interface Tabs {
  readonly selected: () => Section;
  readonly select: (section: Section, focus?: boolean) => void;
}

/** Makes the tabs work. `selected` is called after each change. */
export function createTabs(first: Section, selected: (section: Section) => void): Tabs {
  const tabs = [...document.querySelectorAll<HTMLElement>('[role="tab"]')];
  const sectionOf = (tab: HTMLElement): Section => tab.getAttribute("aria-controls") as Section;
  let now = tabs.some((tab) => sectionOf(tab) === first) ? first : "board";

  const select = (section: Section, focus = false): void => {
    now = section;
    for (const tab of tabs) {
      const isSelected = sectionOf(tab) === section;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
      byId(sectionOf(tab)).hidden = !isSelected;
      if (isSelected && focus) tab.focus();
    }
    selected(section);
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(sectionOf(tab)));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
      const next = to === undefined ? undefined : tabs.at(to % tabs.length);
      if (!next) return;
      event.preventDefault();
      select(sectionOf(next), true);
    });
  }
  select(now);
  return { selected: () => now, select };
}
