/** The target of a command: from its argument, or at the cursor. */
import { refOf } from "../labels";
import { allPlans, type Place } from "../plans";
import type { StatusResult, Target } from "../protocol";

/** Returns the target that the argument of a command names: an item of the tree, a lens's argument, or a URI. */
export function targetOf(argument: unknown): Target | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  const known = argument as Record<string, unknown>;
  if (typeof known["target"] === "object" && known["target"] !== null) return known["target"] as Target;
  if (typeof known["fsPath"] === "string" && typeof known["scheme"] === "string") return { uri: String(argument) };
  const found: Record<string, string> = {};
  for (const name of ["workspace", "plan", "achievement", "uri", "step"]) {
    const value = known[name];
    if (typeof value === "string") found[name] = value;
  }
  return Object.keys(found).length ? found : undefined;
}

/** Finds the plan of a target by its path, and its achievement if the target names one. */
export function placeOfTarget(status: StatusResult, target: Target): Place | undefined {
  const placed = allPlans(status).find(
    ({ workspace, plan }) =>
      plan.path === target.plan && (target.workspace === undefined || target.workspace === workspace.root),
  );
  if (!placed) return undefined;
  return { ...placed, achievement: placed.plan.achievements.find((known) => refOf(known) === target.achievement) };
}
