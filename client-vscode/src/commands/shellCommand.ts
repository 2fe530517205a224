/** Command lines for the shells of terminals: each argument arrives unchanged, and no shell interprets a part of one. */
import { t } from "../l10n";

export type Shell = "posix" | "fish" | "powershell" | "cmd";

/** Name of a shell's program → its kind. */
const SHELLS: Readonly<Record<string, Shell>> = {
  ...Object.fromEntries(["sh", "bash", "zsh", "dash", "ash", "ksh", "mksh"].map((name) => [name, "posix"] as const)),
  fish: "fish",
  pwsh: "powershell",
  powershell: "powershell",
  cmd: "cmd",
};

/** The shell of a terminal if the user's own shell is not supported. */
export const USUAL: Readonly<Record<"win32" | "others", string>> = { win32: "cmd.exe", others: "/bin/sh" };

/** The kind of the shell with this path; undefined for any other program. */
export function shellOf(path: string): Shell | undefined {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  return SHELLS[name.replace(/\.exe$/, "")];
}

/** A terminal interprets these before the shell sees them: a Tab completes, a line feed runs the line. */
const CONTROLS = /\p{Cc}/u;

interface Syntax {
  readonly quote: (text: string) => string;
  /** Characters that have a meaning in this shell even inside quotes. */
  readonly refused: RegExp;
  readonly run: (words: readonly string[]) => string;
  readonly withInput: (command: string, file: string) => string;
}

const plain = (words: readonly string[]): string => words.join(" ");
const redirected = (command: string, file: string): string => `${command} < ${file}`;

const SYNTAX: Readonly<Record<Shell, Syntax>> = {
  posix: {
    quote: (text) => `'${text.replaceAll("'", "'\\''")}'`,
    refused: CONTROLS,
    run: plain,
    withInput: redirected,
  },
  fish: {
    quote: (text) => `'${text.replaceAll(/[\\']/g, "\\$&")}'`,
    refused: CONTROLS,
    run: plain,
    withInput: redirected,
  },
  powershell: {
    // PowerShell treats typographic quotes as quotes, and does not escape straight double quotes for programs.
    quote: (text) => `'${text.replaceAll(/['\u2018-\u201b]/g, "$&$&")}'`,
    refused: /\p{Cc}|"/u,
    run: (words) => `& ${words.join(" ")}`,
    withInput: (command, file) =>
      `$OutputEncoding = [Text.UTF8Encoding]::new($false); Get-Content -Raw -Encoding utf8 -LiteralPath ${file} | ${command}`,
  },
  cmd: {
    // A program treats a backslash before the last quote as part of the text.
    quote: (text) => `"${text.replace(/\\+$/, "$&$&")}"`,
    refused: /[\p{Cc}"%!]/u,
    run: plain,
    withInput: redirected,
  },
};

/**
 * Returns the line that runs a program with arguments, and with the file `input` as its standard input. Throws if no safe line
 * exists.
 */
export function commandLine(shell: Shell, words: readonly string[], input?: string): string {
  const { quote, refused, run, withInput } = SYNTAX[shell];
  const quoted = (text: string): string => {
    const wrong = refused.exec(text)?.[0];
    if (wrong !== undefined) {
      throw new Error(
        t("{0} in {1} cannot be written safely for {2}", JSON.stringify(wrong), JSON.stringify(text), shell),
      );
    }
    return quote(text);
  };
  const command = run(words.map(quoted));
  return input === undefined ? command : withInput(command, quoted(input));
}
