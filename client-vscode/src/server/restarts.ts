/** The limits for restarts of a server that crashes. */

export const MOST = 4;
export const WITHIN_MS = 3 * 60_000;

/** Returns the times (in milliseconds) of the crashes that still count, or undefined if a crash at `now` is one too many. */
export function afterCrash(crashes: readonly number[], now: number): readonly number[] | undefined {
  const counting = [...crashes.filter((time) => now - time < WITHIN_MS), now];
  return counting.length > MOST ? undefined : counting;
}

/** Returns the milliseconds to wait before a start after a number of crashes: none at first, then longer each time. */
export function backoffMs(crashes: number): number {
  return crashes <= 1 ? 0 : 250 * 2 ** (crashes - 2);
}
