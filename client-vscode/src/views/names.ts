/** Names of plans for a narrow side bar: without the words that all siblings share, and without their middle. */

/** The room for a name beside its progress in a side bar of the default width, in widths of a small letter. */
export const ROOM = 25;
/** The width of a capital letter, a digit or a sign of a wide script, in widths of a small letter. */
const WIDE = 1.35;
const WORD_END = /[-_. ]/;
const SMALL = /[\p{Ll}\s.,;:'|()[\]-]/u;
/** Minimum number of shared letters; a shorter prefix saves nothing. */
const FEWEST_SHARED = 4;

function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (SMALL.test(letter) ? 1 : WIDE), 0);
}

/** Returns the names of siblings, in their order, each shortened to `room` if they stay distinct. */
export function shortNames(names: readonly string[], room = ROOM): readonly string[] {
  if (names.every((name) => widthOf(name) <= room)) return names;
  const bare = withoutShared(names);
  const short = bare.map((name) => withoutMiddle(name, room));
  return short.map((name, index) => {
    const same = short.flatMap((other, at) => (other === name ? [at] : []));
    if (same.length < 2) return name;
    // Two names differ only in the part that was cut, so their shared part is cut instead.
    const apart = withoutShared(same.map((at) => names[at] ?? ""));
    return withoutMiddle(apart[same.indexOf(index)] ?? name, room, "end");
  });
}

/** Returns the names without the words that they all begin with; "…" stands for these words. */
function withoutShared(names: readonly string[]): readonly string[] {
  const [first = ""] = names;
  if (names.length < 2) return names;
  let shared = 0;
  while (shared < first.length && names.every((name) => name[shared] === first[shared])) shared++;
  while (shared > 0 && !WORD_END.test(first[shared - 1] ?? "")) shared--;
  return shared < FEWEST_SHARED ? names : names.map((name) => `…${name.slice(shared)}`);
}

/** The share of the room that the end of a name may take. */
const TAIL = 0.6;

/**
 * Returns a name with "…" in place of its middle, or of its end. Its last words stay complete if they leave room for its
 * beginning.
 */
function withoutMiddle(name: string, room: number, cut: "middle" | "end" = "middle"): string {
  if (widthOf(name) <= room) return name;
  const letters = [...name];
  const tail = cut === "end" ? "" : tailOf(letters, room * TAIL);
  const headRoom = room - 1 - widthOf(tail);
  let to = 0;
  while (widthOf(letters.slice(0, to + 1).join("")) <= headRoom) to++;
  return `${letters.slice(0, to).join("")}…${tail}`;
}

/** Returns the last letters that fit into the room: complete words if the last one fits. */
function tailOf(letters: readonly string[], room: number): string {
  let from = letters.length;
  while (from > 0 && widthOf(letters.slice(from - 1).join("")) <= room) from--;
  const word = letters.findIndex((_, index) => index >= from && WORD_END.test(letters[index - 1] ?? ""));
  return letters.slice(word === -1 ? from : word).join("");
}
