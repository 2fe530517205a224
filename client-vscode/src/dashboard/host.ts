/** The two programs that show the page, VS Code and a browser, behind one interface. */
import type { CardFilter } from "./board";
import type { FromPage, Section, ToPage } from "./messages";
import type { PlanOrder } from "./planTable";

/** The state of the page that survives a reload: its last page, and how the user left each page. */
export interface Kept {
  readonly section?: Section;
  /** The plan of the graph. */
  readonly plan?: { readonly root: string; readonly path: string };
  readonly board?: CardFilter;
  readonly order?: PlanOrder;
  readonly search?: string;
  /** The plan of the history, as its key; "" for all plans. */
  readonly history?: string;
  readonly zoom?: number;
  readonly method?: string;
}

export interface Host {
  readonly send: (message: FromPage) => void;
  /** Passes each message for the page to `take`, in order. */
  readonly receive: (take: (message: ToPage) => void) => void;
  readonly restore: () => Kept;
  readonly keep: (kept: Kept) => void;
  /** Tells whether agents can be run. */
  readonly runs: boolean;
}
