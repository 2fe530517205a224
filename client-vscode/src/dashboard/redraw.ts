/** When the page draws, and what: each part at most once a frame, and of a list only what has changed. */

export interface Redraw<Part extends string> {
  /** Marks a part as out of date. It is drawn in the next frame, or when it is in sight. */
  readonly mark: (...parts: readonly Part[]) => void;
}

/** Returns the drawing of a page. `frame` calls its argument before the next picture. A part that is out of sight stays marked. */
export function createRedraw<Part extends string>(
  draw: Readonly<Record<Part, () => void>>,
  isInSight: (part: Part) => boolean,
  frame: (work: () => void) => void,
): Redraw<Part> {
  const marked = new Set<Part>();
  let waits = false;
  const work = (): void => {
    waits = false;
    for (const part of [...marked].filter(isInSight)) {
      marked.delete(part);
      draw[part]();
    }
  };
  return {
    mark: (...parts) => {
      for (const part of parts) marked.add(part);
      if (waits) return;
      waits = true;
      frame(work);
    },
  };
}

/** An item of a list in the page: its name, and everything that it shows as a text. */
export interface Keyed {
  readonly key: string;
  readonly shows: string;
}

/** Returns the keys to remove from a list, and those whose elements are new or changed. */
export function changes(
  before: ReadonlyMap<string, string>,
  after: readonly Keyed[],
): { readonly gone: string[]; readonly made: ReadonlySet<string> } {
  const kept = new Set(after.map(({ key }) => key));
  return {
    gone: [...before.keys()].filter((key) => !kept.has(key)),
    made: new Set(after.filter(({ key, shows }) => before.get(key) !== shows).map(({ key }) => key)),
  };
}
