/** The agents for the command line that can get a prompt in a terminal. */
import { isAbsolute } from "node:path";

/**
 * The program and arguments that start an agent. `{file}` stands for the file with the prompt, relative to the workspace, and
 * `{request}` for a sentence that names it. Without either, the file is the standard input.
 */
export interface Agent {
  readonly name: string;
  readonly argv: readonly string[];
}

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  claude: ["claude", "{request}"],
  codex: ["codex", "{request}"],
  gemini: ["gemini", "--prompt-interactive", "{request}"],
  opencode: ["opencode", "--prompt", "{request}"],
  copilot: ["copilot", "--interactive", "{request}"],
  "cursor-agent": ["cursor-agent", "{request}"],
  aider: ["aider", "--message-file", "{file}"],
};

/**
 * Returns the built-in agents with those of the setting `delivery.agents`: name → argv, or null for an agent that is not
 * offered.
 */
export function agentsOf(setting: unknown): { readonly agents: readonly Agent[]; readonly wrong: readonly string[] } {
  const own = typeof setting === "object" && setting !== null && !Array.isArray(setting) ? setting : {};
  const wrong: string[] = [];
  const argvs = new Map<string, readonly string[]>(Object.entries(KNOWN));
  for (const [name, argv] of Object.entries(own)) {
    if (argv === null) argvs.delete(name);
    else if (isArgv(argv)) argvs.set(name, argv);
    else wrong.push(`planmark.delivery.agents: ${name} must be a list of texts, the program first, or null`);
  }
  return { agents: [...argvs].map(([name, argv]) => ({ name, argv })), wrong };
}

function isArgv(value: unknown): value is readonly string[] {
  return Array.isArray(value) && Boolean(value[0]) && value.every((word) => typeof word === "string");
}

/** The search path for programs. */
export interface Programs {
  readonly path: string;
  /** The extensions of programs: those of `PATHEXT` on Windows, else "". */
  readonly endings: readonly string[];
  readonly separator: string;
  readonly isProgram: (path: string) => boolean;
}

/** Tells whether the program of an agent is installed. */
export function isInstalled({ argv }: Agent, programs: Programs): boolean {
  const program = argv[0] ?? "";
  const folders = isAbsolute(program) ? [""] : programs.path.split(programs.separator).filter(Boolean);
  return folders.some((folder) =>
    ["", ...programs.endings].some((ending) => programs.isProgram(`${folder && `${folder}/`}${program}${ending}`)),
  );
}

/**
 * Returns the words of the command line that starts an agent for the prompt in `file`, and whether the file is its standard
 * input.
 */
export function started({ argv }: Agent, file: string): { readonly words: readonly string[]; readonly input?: string } {
  const request = `Read ${file} and do what it says.`;
  const words = argv.map((word) =>
    word.replaceAll(/\{(file|request)\}/g, (_, name) => (name === "file" ? file : request)),
  );
  return argv.some((word) => /\{(file|request)\}/.test(word)) ? { words } : { words, input: file };
}
