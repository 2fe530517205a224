/**
 * The states of achievements in the Markdown preview: a plugin of markdown-it, with the part of its types that is used here.
 */
import { STATES, stateText } from "../labels";
import { allPlans, documentsOf, relativeTo } from "../plans";
import type { AchievementResult, StatusResult } from "../protocol";

export interface Token {
  readonly type: string;
  readonly tag: string;
  readonly map: readonly [number, number] | null;
  readonly content: string;
  children: Token[] | null;
  meta: unknown;
}

interface CoreState {
  readonly tokens: readonly Token[];
  readonly Token: new (type: string, tag: string, nesting: 0) => Token;
}

/** The environment of a rendered preview; the editor names the document in it. */
export interface Environment {
  readonly currentDocument?: { readonly scheme: string; readonly fsPath: string };
}

export interface MarkdownIt {
  readonly core: { readonly ruler: { push(name: string, rule: (state: CoreState) => void): void } };
  readonly renderer: {
    readonly rules: Record<string, (tokens: readonly Token[], index: number, options: unknown, env: unknown) => string>;
  };
}

/** A line of the source: its 0-based number, its text, and whether it is the title of the document. */
export interface SourceLine {
  readonly line: number;
  readonly text: string;
  readonly isTitle: boolean;
}

const TYPE = "planmark_state";

/**
 * Adds a placeholder for a state after every line of text. The state is chosen when the preview is drawn, because the editor
 * keeps the tokens of a document while its text is the same.
 */
export function addStates(
  markdown: MarkdownIt,
  achievementAt: (env: Environment, line: SourceLine) => AchievementResult | undefined,
): void {
  markdown.core.ruler.push(TYPE, (state) => {
    const title = state.tokens.findIndex((token) => token.type === "heading_open" && token.tag === "h1");
    state.tokens.forEach((token, index) => {
      if (token.type !== "inline" || !token.map || !token.children) return;
      const place = {
        from: token.map[0],
        lines: token.content.split("\n"),
        isTitle: title >= 0 && index === title + 1,
      };
      token.children = withPlaces(token.children, place, state.Token);
    });
  });
  markdown.renderer.rules[TYPE] = (tokens, index, _options, env) => {
    const achievement = achievementAt((env ?? {}) as Environment, tokens[index]?.meta as SourceLine);
    return achievement ? html(achievement) : "";
  };
}

/** Returns the parts of a text with a placeholder for a state at the end of each of its lines. */
function withPlaces(
  parts: readonly Token[],
  { from, lines, isTitle }: { readonly from: number; readonly lines: readonly string[]; readonly isTitle: boolean },
  make: CoreState["Token"],
): Token[] {
  let at = 0;
  const place = (): Token => {
    const token = new make(TYPE, "", 0);
    const line: SourceLine = { line: from + at, text: lines[at] ?? "", isTitle };
    token.meta = line;
    at++;
    return token;
  };
  const isBreak = ({ type }: Token): boolean => type === "softbreak" || type === "hardbreak";
  return [...parts.flatMap((part) => (isBreak(part) ? [place(), part] : [part])), place()];
}

/**
 * Returns the achievement that a line of a document defines, or whose SUBPLAN, execution or verdict has this title. Returns
 * undefined for a line without the id or the title: it has changed since the plans were read.
 */
export function achievementOf(status: StatusResult, path: string, line: SourceLine): AchievementResult | undefined {
  for (const { workspace, plan } of allPlans(status)) {
    const relative = relativeTo(workspace.root, path);
    if (relative === undefined || !workspace.complete) continue;
    for (const achievement of plan.achievements) {
      const defines = achievement.path === relative && achievement.line === line.line + 1;
      if (defines && line.text.includes(achievement.id || achievement.title)) return achievement;
      if (line.isTitle && achievement.path !== relative && documentsOf(achievement).includes(relative)) {
        return achievement;
      }
    }
  }
  return undefined;
}

function html(achievement: AchievementResult): string {
  const why = achievement.evidence.map(({ path, line, says }) => `${path}:${line} ${says}`).join("\n");
  const says = `${STATES[achievement.state].mark} ${stateText(achievement)}`;
  return ` <span class="planmark-state planmark-${achievement.state}" title="${escaped(why)}">${escaped(says)}</span>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}
