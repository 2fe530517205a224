// A workspace of ten thousand files: a hundred plans of ten achievements, each with a SUBPLAN, executions and notes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PLANS = 100;
const IDS = Array.from({ length: 10 }, (_, index) => `${Math.floor(index / 5) + 1}.${(index % 5) + 1}`);
const NOTES = 79;

/** Writes it into `folder`. */
export function writeLarge(folder) {
  for (let number = 0; number < PLANS; number++) {
    const feature = `F${String(number).padStart(3, "0")}`;
    const plan = join(folder, "plans", feature);
    for (const name of ["subplans", "execution/feedbacks", "notes"]) mkdirSync(join(plan, name), { recursive: true });
    const defined = IDS.map((id) => `**Achievement ${id}**: Part ${id} of ${feature}\n\n- Success: it works\n`);
    writeFileSync(
      join(plan, `PLAN_${feature}.md`),
      `# PLAN: ${feature}\n\n**Status**: In Progress\n\n## Achievements\n\n${defined.join("\n")}`,
    );
    for (const id of IDS) {
      const digits = id.replace(".", "");
      writeFileSync(
        join(plan, "subplans", `SUBPLAN_${feature}_${digits}.md`),
        `# SUBPLAN ${id}\n\n## Objective\n\nx\n\n## Approach\n\ny\n`,
      );
      const task = `# EXECUTION_TASK ${id}\n\n**Status**: ✅ Complete\n`;
      writeFileSync(join(plan, "execution", `EXECUTION_TASK_${feature}_${digits}_01.md`), task);
    }
    for (let note = 0; note < NOTES; note++)
      writeFileSync(join(plan, "notes", `note-${note}.md`), `# Note ${note}\n\nText.\n`);
  }
}
