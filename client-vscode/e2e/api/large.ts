/** The extension on a workspace of ten thousand documents. */
import assert from "node:assert/strict";
import { ready, runAll, until, write } from "./harness";

export const run = (): Promise<void> =>
  runAll({
    "ten thousand documents are read and shown": async () => {
      const began = Date.now();
      const { session, tree } = await ready();
      await until("the tree", () => tree.items().length === 100);
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
  });
