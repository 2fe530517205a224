/** The HTML of the dashboard: it runs and loads only its own script and style. */
import { t } from "../l10n";
import type { Section } from "./messages";

export interface Sources {
  /** The content security policy. */
  readonly policy: string;
  readonly script: string;
  readonly style: string;
  /** The address of the icon of its tab, "" for none. */
  readonly icon: string;
  /** The nonce of the script, "" if the policy needs none. */
  readonly nonce: string;
  /** The language of the editor, as `en`. */
  readonly language: string;
  /** English text → its translation. */
  readonly texts: Readonly<Record<string, string>>;
  readonly sections: readonly Section[];
}

const TITLES: Readonly<Record<Section, () => string>> = {
  board: () => t("Board"),
  plans: () => t("Plans"),
  graph: () => t("Graph"),
  history: () => t("History"),
  figures: () => t("Server figures"),
};

/** The pages of the dashboard in VS Code. */
export const SECTIONS = Object.keys(TITLES) as readonly Section[];
/** The pages in a browser, which has no figures of the server. */
export const BROWSER_SECTIONS = SECTIONS.filter((section) => section !== "figures");

/** Returns the policy of the page in a panel of VS Code, which loads from one origin only. */
export function panelPolicy(origin: string, nonce: string): string {
  return `default-src 'none'; style-src ${origin}; script-src 'nonce-${nonce}'`;
}

/** The policy of the page in a browser. */
export const BROWSER_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

export function page({ policy, script, style, icon, nonce, language, texts, sections }: Sources): string {
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">${icon && `\n<link rel="icon" href="${attribute(icon)}">`}
<title>Planmark</title>
</head>
<body>
<main data-texts="${attribute(JSON.stringify(texts))}">
<h1>Planmark <span id="health"></span></h1>
<p id="problem" role="alert"></p>
<p id="said" role="status"></p>
<div role="tablist" aria-label="${t("Pages")}">${sections.map(tab).join("")}</div>
${sections.map(panel).join("\n")}
</main>
<script${nonce ? ` nonce="${nonce}"` : " defer"} src="${script}"></script>
</body>
</html>
`;
}

function tab(section: Section): string {
  return `<button type="button" role="tab" id="tab-${section}" aria-controls="${section}" aria-selected="false" tabindex="-1">${TITLES[section]()}</button>`;
}

function panel(section: Section): string {
  return `<section id="${section}" role="tabpanel" aria-labelledby="tab-${section}" hidden><div id="${section}-controls" class="controls"></div><div id="${section}-body"></div></section>`;
}

/** Returns a text as the value of an attribute in double quotes. */
function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
