/** The words of roles. */
import { t } from "../../l10n";

const ROLES: Readonly<Record<string, () => string>> = {
  planner: () => t("planner"),
  strategist: () => t("strategist"),
  designer: () => t("designer"),
  executor: () => t("executor"),
  reviewer: () => t("reviewer"),
};

/** Returns a role in words. */
export function roleText(role: string): string {
  return ROLES[role]?.() ?? role;
}
