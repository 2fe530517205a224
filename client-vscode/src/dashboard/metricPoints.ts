/** The metrics over time: one point for each `planmark/metrics` message. */
import type { IndexReport, MetricsReport, RequestReport } from "../protocol";

/** The metrics at one time; `at` in milliseconds since 1970, shares from 0 to 1. */
export interface Point {
  readonly at: number;
  readonly uptimeSeconds: number;
  readonly requests: readonly RequestReport[];
  readonly caches: Readonly<Record<string, number>>;
  readonly index: IndexReport;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

/** Points of one hour, if every interval adds one. */
export const MOST_POINTS = 360;

/** Returns the point of a report that came at `at`. */
export function point(report: MetricsReport, at: number): Point {
  return {
    at,
    uptimeSeconds: report.uptimeSeconds,
    requests: report.requests,
    caches: Object.fromEntries(
      report.caches.filter((cache) => cache.hits + cache.misses > 0).map((cache) => [cache.name, cache.hitRate]),
    ),
    index: report.index,
    rssBytes: report.process.rssBytes,
    cpuSeconds: report.process.cpuSeconds,
  };
}

/** Returns the history with one more point. Points of an earlier server are removed, and the oldest if there are too many. */
export function extended(history: readonly Point[], next: Point): readonly Point[] {
  const last = history.at(-1);
  const same = last !== undefined && next.uptimeSeconds >= last.uptimeSeconds;
  return [...(same ? history : []), next].slice(-MOST_POINTS);
}
