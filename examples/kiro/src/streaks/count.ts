/** For how many days in a row a habit was done, from the newest day back. */
export function streak(done: readonly boolean[]): number {
  const missed = done.indexOf(false);
  return missed < 0 ? done.length : missed;
}
