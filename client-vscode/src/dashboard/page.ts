/** The HTML of the dashboard: it runs and loads only its own script and style. */
import { t } from "../l10n";

export interface Sources {
  /** The only origin from which the page may load. */
  readonly origin: string;
  readonly script: string;
  readonly style: string;
  readonly nonce: string;
  /** The language of the editor, as `en`. */
  readonly language: string;
  /** English text → its translation. */
  readonly texts: Readonly<Record<string, string>>;
}

export function page({ origin, script, style, nonce, language, texts }: Sources): string {
  const policy = `default-src 'none'; style-src ${origin}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Planmark</title>
</head>
<body>
<main data-texts="${attribute(JSON.stringify(texts))}">
<h1>Planmark <span id="health"></span></h1>
<p id="said" role="status" aria-live="polite"></p>
<section id="plans" aria-labelledby="plans-title"><h2 id="plans-title" tabindex="-1">${t("Plans")}</h2><div id="plans-body"></div></section>
<section id="graph" aria-labelledby="graph-title">
<h2 id="graph-title" tabindex="-1">${t("Graph")}</h2>
<p><label for="graph-plan">${t("Plan")}</label> <select id="graph-plan"></select></p>
<div id="graph-body"></div>
</section>
<section id="figures" aria-labelledby="figures-title"><h2 id="figures-title" tabindex="-1">${t("Server figures")}</h2><div id="figures-body"></div></section>
</main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

/** Returns a text as the value of an attribute in double quotes. */
function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
