/** The marks of documents in the explorer. */

import { type Appearance, condition, planLook, STATES, stateText } from "../labels";
import { allPlans, documentsOf } from "../plans";
import type { StatusResult } from "../protocol";

export interface Badge {
  readonly mark: string;
  readonly color: string;
  readonly says: string;
}

/** Returns absolute path (with `/`) → the mark of its state. */
export function badges(status: StatusResult): ReadonlyMap<string, Badge> {
  const found = new Map<string, Badge>();
  const add = (root: string, path: string, look: Appearance, says: string): void => {
    found.set(`${root.replaceAll("\\", "/")}/${path}`, { mark: look.mark, color: look.color, says });
  };
  for (const { workspace, plan } of allPlans(status)) {
    add(workspace.root, plan.path, planLook(plan), `${plan.feature}: ${condition(plan)}`);
    for (const achievement of plan.achievements) {
      const says = `${plan.feature} ${achievement.id}: ${stateText(achievement)}`;
      for (const path of documentsOf(achievement)) add(workspace.root, path, STATES[achievement.state], says);
    }
  }
  return found;
}
