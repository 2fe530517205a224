/** The commands of the extension that correspond to command lines. The server names them in its messages. */

/** Command line without arguments → the command of the extension. */
export const BY_COMMAND_LINE = {
  adopt: "planmark.adopt",
  archive: "planmark.archivePlan",
  check: "planmark.checkWorkspace",
  close: "planmark.closePlan",
  "create execution": "planmark.createExecution",
  "create subplan": "planmark.createSubplan",
  drop: "planmark.dropAchievement",
  new: "planmark.newPlan",
  next: "planmark.nextPrompt",
  pause: "planmark.pausePlan",
  reindex: "planmark.reindex",
  resume: "planmark.resumePlan",
  status: "planmark.showDashboard",
  tick: "planmark.tick",
  "verdict approve": "planmark.approve",
  "verdict fix": "planmark.requestFix",
  "verdict resolve": "planmark.resolveFix",
} as const;

/** Returns command line → title of the command in the palette; `commands` are those of the manifest. */
export function commandTitles(
  commands: readonly { readonly command: string; readonly title: string; readonly category: string }[],
): Record<string, string> {
  const titles = new Map(commands.map(({ command, title, category }) => [command, `“${category}: ${title}”`]));
  return Object.fromEntries(
    Object.entries(BY_COMMAND_LINE).flatMap(([line, command]) => {
      const title = titles.get(command);
      return title ? [[line, title]] : [];
    }),
  );
}
