/** The extension on a workspace of ten thousand documents. */
import assert from "node:assert/strict";
import type { MetricsReport } from "../../src/protocol";
import type { Session } from "../../src/session";
import { plansIn, ready, runAll, set, until, write } from "./harness";

const MOST_BYTES = 120e6;
/** Seconds without any change; editors that ask on a schedule ask every two or five seconds. */
const TICKS = 8;

/** Returns method → number of its requests, without the requests that count them. */
async function requests(session: Session): Promise<ReadonlyMap<string, number>> {
  const connection = await session.ensureStarted();
  const report = await connection.request<MetricsReport>("planmark/metrics/get", {});
  return new Map(
    report.requests.filter((one) => one.method !== "planmark/metrics/get").map((one) => [one.method, one.count]),
  );
}

export const run = (): Promise<void> =>
  runAll({
    "ten thousand documents are read and shown": async () => {
      const began = Date.now();
      const { session, tree } = await ready();
      await until("the tree", () => plansIn(tree.items()).length === 100);
      console.log(`test:      100 plans of 10000 files after ${Date.now() - began} ms`);
      const asked = Date.now();
      await session.refreshNow();
      console.log(`test:      asked again in ${Date.now() - asked} ms`);
    },
    "a change among them is seen at once": async () => {
      const { session } = await ready();
      const began = Date.now();
      await write("plans/F007/execution/feedbacks/APPROVED_13.md", "# APPROVED\n\n**Reviewer**: Ada\n");
      const state = (): string | undefined =>
        session
          .status()
          ?.workspaces[0]?.plans.find((plan) => plan.feature === "F007")
          ?.achievements.find((known) => known.id === "1.3")?.state;
      await until("the new state", () => state() === "approved");
      console.log(`test:      seen after ${Date.now() - began} ms`);
      assert.ok(Date.now() - began < 10_000);
    },
    "while nothing happens nothing is asked for": async () => {
      const { session } = await ready();
      await set("metrics.intervalSeconds", 1);
      const tick = async (): Promise<ReadonlyMap<string, number>> => {
        // The server sends figures once a second if it was asked for something: by that a second is known to be over.
        const told = new Promise<void>((resolve) => {
          const listener = session.onMetrics(() => {
            listener.dispose();
            resolve();
          });
        });
        const now = await requests(session);
        await told;
        return now;
      };
      // Earlier work must be over: no request during a second.
      let before = await tick();
      await until("it is at rest", async () => {
        const now = await tick();
        const same = JSON.stringify([...now]) === JSON.stringify([...before]);
        before = now;
        return same;
      });
      for (let count = 0; count < TICKS; count++) await tick();
      assert.deepEqual(await requests(session), before);
      await set("metrics.intervalSeconds", undefined);
    },
    "the server needs no more memory than is promised": async () => {
      const { session } = await ready();
      const connection = await session.ensureStarted();
      const { process } = await connection.request<MetricsReport>("planmark/metrics/get", {});
      console.log(`test:      ${(process.rssBytes / 1e6).toFixed(0)} MB`);
      assert.ok(process.rssBytes <= MOST_BYTES, `${process.rssBytes} bytes`);
    },
  });
