// A workspace of 23 plans with names as they are given: long, alike in their beginnings, and in every group of the tree.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of a group → its plans. */
const NAMES = {
  "": [
    "CHECKOUT-PAYMENT-PROVIDER-MIGRATION",
    "CHECKOUT-PAYMENT-PROVIDER-RECONCILIATION",
    "CUSTOMER-ACCOUNT-MERGE-AND-DEDUPLICATION",
    "CUSTOMER-ACCOUNT-PRIVACY-EXPORT",
    "INVENTORY-RESERVATION-OBSERVABILITY-EXCELLENCE",
    "INVENTORY-RESERVATION-OBSERVABILITY-VALIDATION",
    "ORDER-HISTORY-SEARCH-AND-FILTERS",
    "RETURNS",
    "SHIPPING-LABEL-AUTOMATION-FOR-WAREHOUSES",
    "WAREHOUSE-TRANSFER-OPTIMIZATION",
  ],
  a_paused: [
    "EXPERIMENT-ANALYSIS-INTEGRATION",
    "EXPERIMENT-ANALYSIS-INTEGRATION-RESTRUCTURING",
    "EXPERIMENT-PROMPT-SYSTEM",
    "EXPERIMENT-TAXONOMY-AND-WORKSPACE",
    "METHODOLOGY-HIERARCHY-EVOLUTION-OF-SUPPORT",
    "RESTORE-EXPORT-WORKFLOW-AUTOMATION",
    "WORKFLOW-AUTOMATION-AND-STOREFRONT-RESTRUCTURING",
  ],
  "backlog-plans": ["FILE-STORAGE-ADVANCED-OPTIMIZATION", "GIFT-CARD-LEDGER-AND-EXPIRY-RULES", "MARKETPLACE-SELLERS"],
  archive: ["CATALOGUE-IMPORT-FROM-SUPPLIERS", "CATALOGUE-IMPORT-FROM-SUPPLIERS-SECOND-ROUND", "TAX-RATES"],
};
const TITLES = [
  "Totals of every order are computed in whole cents and never rounded twice",
  "The provider's callbacks are accepted once, in any order, and are kept for the audit",
  "Customers see why a payment has failed, in words that they can act upon",
  "Reconciliation of the daily report with the ledger, with a list of what differs",
  "Old records are moved without a minute of downtime",
];
const IDS = ["0.1", "1.1", "1.2", "2.1", "10.12"];

/** Writes it into `folder`. Every next step of a plan, and every state, is in one of the first plans. */
export function writeLongNames(folder) {
  for (const [group, names] of Object.entries(NAMES)) {
    for (const [number, name] of names.entries())
      writePlan(join(folder, "work-space", "plans", group, name), name, number);
  }
}

function writePlan(folder, name, number) {
  const write = (path, text) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const defined = IDS.map((id, at) => {
    const waits = at > 0 && at === number % IDS.length ? `\n- **Dependencies**: ${IDS[at - 1]}` : "";
    return `**Achievement ${id}**: ${TITLES[at]}\n\n- Success: it is in use${waits}\n`;
  });
  const claim = number % 5 === 4 ? `\n- ✅ Achievement ${IDS[0]}\n` : "";
  write(
    `PLAN_${name}.md`,
    `# PLAN: ${name}\n\n**Status**: In Progress\n**Priority**: High\n\n## Goal\n\nLess work.\n${claim}\n${defined.join("\n")}`,
  );
  const task = (id, status) =>
    write(`execution/EXECUTION_TASK_${name}_${digits(id)}_01.md`, `# EXECUTION_TASK\n\n**Status**: ${status}\n`);
  const subplan = (id, text) =>
    write(
      `subplans/SUBPLAN_${name}_${digits(id)}.md`,
      `# SUBPLAN\n\n## Objective\n\n${text}\n\n## Approach\n\n${text}\n`,
    );
  // Plan by plan one more achievement has got on.
  const steps = [
    () => undefined,
    () => subplan("0.1", "[TO BE FILLED: what]"),
    () => subplan("1.1", "As agreed."),
    () => {
      subplan("1.2", "As agreed.");
      task("1.2", number % 2 ? "Blocked\n\n**Blocker**: the key is missing" : "In Progress");
    },
    () => {
      subplan("2.1", "As agreed.");
      task("2.1", "✅ Complete");
    },
    () => write("execution/feedbacks/FIX_21.md", "# FIX REQUIRED: 2.1\n\n## Critical Issues\n\n1. It is slow\n"),
    () => write("execution/feedbacks/FIX_21_RESOLUTION.md", "# RESOLUTION\n\n1. It is fast\n"),
    () => write("execution/feedbacks/APPROVED_01.md", "# APPROVED: 0.1\n\n**Reviewer**: Ada\n"),
  ];
  for (const step of steps.slice(0, (number % steps.length) + 1)) step();
}

const digits = (id) => id.replace(".", "");
