/** The geometry of lines over time. */

export interface Series {
  readonly name: string;
  /** Value at each time; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Tick {
  readonly at: number;
  readonly value: number;
}

export interface Drawn {
  /** The points of each line, as `x,y x,y`; a line with one point is drawn as a dot. */
  readonly lines: readonly {
    readonly name: string;
    readonly points: string;
    readonly last: { x: number; y: number } | undefined;
  }[];
  readonly rows: readonly Tick[];
  readonly columns: readonly Tick[];
}

/** Returns the positions of all parts of a chart with a round top; `times` in milliseconds, `most` is the minimum for the top of the scale. */
export function draw(times: readonly number[], series: readonly Series[], frame: Frame, most: number): Drawn {
  const values = series.flatMap((known) => known.values.filter((value): value is number => value !== undefined));
  return drawUpTo(niceTop(Math.max(most, ...values)), times, series, frame);
}

/** Returns the positions of all parts of a chart whose scale goes from 0 to `top`. */
export function drawUpTo(top: number, times: readonly number[], series: readonly Series[], frame: Frame): Drawn {
  const [from = 0, to = 0] = [times[0], times.at(-1)];
  const span = to - from || 1;
  const x = (time: number): number =>
    round(
      times.length > 1 ? frame.left + ((time - from) / span) * (frame.width - frame.left - frame.right) : frame.left,
    );
  const y = (value: number): number =>
    round(frame.height - frame.bottom - (value / top) * (frame.height - frame.top - frame.bottom));
  const lines = series.map((known) => {
    const places = known.values.flatMap((value, index) =>
      value === undefined ? [] : [{ x: x(times[index] ?? from), y: y(value) }],
    );
    return { name: known.name, points: places.map((place) => `${place.x},${place.y}`).join(" "), last: places.at(-1) };
  });
  const rows = [0, 0.5, 1].map((share) => ({ at: y(top * share), value: top * share }));
  const columns = (times.length > 1 ? [from, to] : times.slice(0, 1)).map((time) => ({ at: x(time), value: time }));
  return { lines, rows, columns };
}

/** Returns the smallest of 1, 2, 5, 10, 20, 50, … that is not below a value. */
export function niceTop(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((known) => known * power >= value * 0.9999) ?? 10;
  return step * power;
}

/** `840 µs`, `12 ms`, `1.2 s`, from milliseconds. */
export function duration(ms: number): string {
  if (ms >= 1000) return `${round(ms / 1000)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  if (ms >= 1) return `${round(ms)} ms`;
  return ms > 0 ? `${Math.round(ms * 1000)} µs` : "0";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
