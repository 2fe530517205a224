/** The time of each habit, as minutes after midnight. */
export class Times {
  private readonly known = new Map<string, number>();

  set(habit: string, minutes: number): void {
    this.known.set(habit, minutes);
  }

  of(habit: string): number | undefined {
    return this.known.get(habit);
  }
}
