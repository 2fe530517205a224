/** How often a server that crashes is started again. */

export const MOST = 4;
export const WITHIN_MS = 3 * 60_000;

/** The times (in milliseconds) of the crashes that still count, or undefined where one at `now` is one too many. */
export function afterCrash(crashes: readonly number[], now: number): readonly number[] | undefined {
  const counting = [...crashes.filter((time) => now - time < WITHIN_MS), now];
  return counting.length > MOST ? undefined : counting;
}

/** Milliseconds to wait before the start after so many crashes: none, then longer each time. */
export function backoffMs(crashes: number): number {
  return crashes <= 1 ? 0 : 250 * 2 ** (crashes - 2);
}
