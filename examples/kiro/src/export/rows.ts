export interface Row {
  readonly day: string;
  readonly habit: string;
}

/** A row for each day and habit. */
export function rows(done: ReadonlyMap<string, readonly string[]>): Row[] {
  return [...done].flatMap(([habit, days]) => days.map((day) => ({ day, habit })));
}
