/** Takes the translations that the extension puts into the page. Imported before all other modules. */
import { inEnglish, translateWith } from "../../l10n";

const translations: Record<string, string> = JSON.parse(document.querySelector("main")?.dataset["texts"] ?? "{}");

translateWith((english, ...values) => inEnglish(translations[english] ?? english, ...values));
