/** Takes the translations of the editor's bundle. Imported before the modules whose tables hold texts. */
import * as vscode from "vscode";
import { translateWith } from "./l10n";

translateWith((english, ...values) => vscode.l10n.t(english, ...values));
