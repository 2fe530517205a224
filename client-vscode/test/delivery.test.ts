import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { agentsOf, isInstalled, started } from "../src/commands/agents";
import { PROMPTS, promptName, writePrompt } from "../src/commands/promptFile";
import { commandLine, type Shell, shellOf } from "../src/commands/shellCommand";
import type { PromptResult } from "../src/protocol";

const HOSTILE = [
  ...["'", '"', "\\", "$", "`", "!", "%", "&", "|", ";", "<", ">", "(", ")", "{", "}", "[", "]", "*", "?", "~", "#"],
  ...[
    " ",
    "  ",
    "^",
    "=",
    ",",
    "@",
    "-",
    "--",
    "é",
    "日",
    "🎯",
    "\u2018",
    "\u2019",
    "\u201b",
    "$(id)",
    "`id`",
    "$HOME",
  ],
  ...["%PATH%", "!!", "!1", "\\'", "'\\''", "&&", "||", "a", "B", "7", ".", "/", ":", "*.md", "\u00a0"],
];

/** Numbers from 0 to 1, the same for each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function texts(count: number): string[] {
  const next = random(7);
  const part = (): string => HOSTILE[Math.floor(next() * HOSTILE.length)] ?? "";
  const any = Array.from({ length: count }, () => Array.from({ length: Math.floor(next() * 9) }, part).join(""));
  return [...HOSTILE, "", ...any];
}

function isThere(program: string): boolean {
  return spawnSync(program, ["-c", "true"]).status === 0;
}

/** Returns the arguments that a program gets from a command line in a shell. */
function received(shell: string, line: string, options: readonly string[] = ["-c"]): string[] {
  const said = execFileSync(shell, [...options, line], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return said.split("\0").slice(0, -1);
}

for (const [shell, kind] of [
  ["bash", "posix"],
  ["dash", "posix"],
  ["zsh", "posix"],
  ["fish", "fish"],
] as const) {
  test(`whatever an argument holds, ${shell} gives it to the program as it is`, { skip: !isThere(shell) }, () => {
    assert.equal(shellOf(`/usr/bin/${shell}`), kind);
    const words = texts(400);
    const line = commandLine(kind, ["printf", "%s\\0", ...words]);
    assert.deepEqual(received(shell, line), words);
  });
}

for (const [shell, options] of [
  ["bash", ["--norc", "--noprofile", "-i", "-o", "histexpand"]],
  ["zsh", ["-f", "-i", "-o", "banghist", "-o", "extendedglob", "-o", "interactivecomments"]],
  ["zsh", ["-f", "-o", "rcquotes", "-o", "globsubst", "-o", "shwordsplit"]],
] as const) {
  const name = `${shell} ${options.join(" ")}`;
  test(`${name}, which is as a terminal may run it, does not change one either`, { skip: !isThere(shell) }, () => {
    const words = texts(60);
    const line = commandLine("posix", ["printf", "%s\\0", ...words]);
    const run = spawnSync(shell, options, { input: `${line}\nexit\n`, encoding: "utf8" });
    assert.deepEqual(run.stdout.split("\0").slice(0, -1), words);
  });
}

/** Returns the text that a shell reads in its own quotes, by its documented rules. */
const UNQUOTED: Readonly<Record<Shell, (quoted: string) => string>> = {
  posix: (quoted) => {
    // Between single quotes every character is itself; outside of them a backslash keeps the next one.
    const parts = /^(?:'[^']*'|\\')*$/u;
    assert.match(quoted, parts);
    return quoted.replaceAll(/'([^']*)'|\\(')/gu, (_, inner: string | undefined, kept: string) => inner ?? kept);
  },
  fish: (quoted) => {
    // Between single quotes a backslash keeps a single quote or a backslash; before anything else it is itself.
    const parts = /^'((?:[^'\\]|\\['\\])*)'$/u.exec(quoted);
    assert.ok(parts?.[1] !== undefined, quoted);
    return parts[1].replaceAll(/\\(['\\])/g, "$1");
  },
  powershell: (quoted) => {
    assert.match(quoted, /^'.*'$/su);
    const inner = quoted.slice(1, -1);
    assert.doesNotMatch(inner.replaceAll(/(['\u2018-\u201b])\1/g, ""), /['\u2018-\u201b]/);
    return inner.replaceAll(/(['\u2018-\u201b])\1/g, "$1");
  },
  cmd: (quoted) => {
    assert.match(quoted, /^".*"$/su);
    const inner = quoted.slice(1, -1);
    assert.doesNotMatch(inner, /["%!]/);
    return inner.replace(/(\\+)$/, (all) => all.slice(all.length / 2));
  },
};

/** Characters that no quotes of a shell keep, so that their text is refused. */
const REFUSED: Readonly<Record<Shell, RegExp | undefined>> = {
  posix: undefined,
  fish: undefined,
  powershell: /"/,
  cmd: /["%!]/,
};

test("by the rules of each shell a program gets it as it is, or not at all", () => {
  for (const shell of Object.keys(UNQUOTED) as Shell[]) {
    let refused = 0;
    for (const text of texts(400)) {
      let line: string;
      try {
        line = commandLine(shell, [text]);
      } catch {
        refused++;
        assert.match(text, REFUSED[shell] ?? assert.fail(`${shell} refuses ${text}`));
        continue;
      }
      assert.equal(UNQUOTED[shell](shell === "powershell" ? line.slice("& ".length) : line), text);
    }
    assert.equal(refused > 10, REFUSED[shell] !== undefined, shell);
  }
});

test("no shell gets a character that a terminal obeys", () => {
  for (const shell of ["posix", "fish", "powershell", "cmd"] as const satisfies readonly Shell[]) {
    for (const control of ["\n", "\r", "\t", "\u0000", "\u0003", "\u001b", "\u007f", "\u009b"]) {
      assert.throws(() => commandLine(shell, ["agent", `a${control}b`]), /cannot be written safely/);
      assert.throws(() => commandLine(shell, ["agent"], `a${control}b`), /cannot be written safely/);
    }
  }
});

test("a file becomes the standard input", () => {
  const folder = mkdtempSync(join(tmpdir(), "planmark-'input "));
  const file = join(folder, "a 'file'.md");
  writeFileSync(file, "# Prompt é\n");
  assert.equal(execFileSync("bash", ["-c", commandLine("posix", ["cat"], file)], { encoding: "utf8" }), "# Prompt é\n");
  assert.equal(commandLine("cmd", ["agent"], "a b.md"), '"agent" < "a b.md"');
  assert.match(commandLine("powershell", ["agent"], "a b.md"), /-LiteralPath 'a b\.md' \| & 'agent'$/);
});

test("the kind of a shell is told by its program", () => {
  assert.equal(shellOf("C:\\Windows\\System32\\cmd.exe"), "cmd");
  assert.equal(shellOf("C:\\Program Files\\PowerShell\\7\\pwsh.exe"), "powershell");
  assert.equal(shellOf("C:\\Program Files\\Git\\bin\\bash.exe"), "posix");
  for (const other of ["/usr/bin/nu", "/usr/bin/xonsh", "/bin/tcsh", ""]) assert.equal(shellOf(other), undefined);
});

test("an agent gets the prompt by a file, by a sentence that names it, or as its input", () => {
  const file = `${PROMPTS}/prompt_PAY_1.1_create_subplan.md`;
  const of = (...argv: string[]) => started({ name: "x", argv }, file);
  assert.deepEqual(of("agent", "-f", "{file}"), { words: ["agent", "-f", file] });
  assert.deepEqual(of("agent", "{request}"), { words: ["agent", `Read ${file} and do what it says.`] });
  assert.deepEqual(of("agent", "--print"), { words: ["agent", "--print"], input: file });
});

test("agents of the setting are added, replaced and taken away; what is none is said", () => {
  const names = (setting: unknown) => agentsOf(setting).agents.map(({ name }) => name);
  assert.ok(names({}).includes("claude"));
  assert.deepEqual(
    names({ claude: null }),
    names({}).filter((name) => name !== "claude"),
  );
  assert.ok(names({ mine: ["mine"] }).includes("mine"));
  for (const wrong of ["text", [], [7], {}, [""]]) {
    const read = agentsOf({ mine: wrong });
    assert.equal(read.wrong.length, 1);
    assert.ok(!read.agents.some(({ name }) => name === "mine"));
  }
  assert.equal(agentsOf({ mine: [] }).wrong[0]?.startsWith("planmark.delivery.agents: mine must be"), true);
});

test("only agents that are installed are offered", () => {
  const there = ["/usr/bin/claude", "C:/tools/codex.cmd", "/opt/my agent"];
  const programs = {
    path: "/bin:/usr/bin",
    endings: [],
    separator: ":",
    isProgram: (path: string) => there.includes(path),
  };
  const is = (argv: string[], more = {}) => isInstalled({ name: "x", argv }, { ...programs, ...more });
  assert.ok(is(["claude"]));
  assert.ok(!is(["codex"]));
  assert.ok(is(["codex"], { path: "C:/tools", endings: [".exe", ".cmd"], separator: ";" }));
  assert.ok(is(["/opt/my agent"]));
  assert.ok(!is(["claude"], { path: "" }));
});

const PROMPT = { feature: "PAY", achievement: "1.1", step: "create_subplan", prompt: "# PAY é\n" } as PromptResult;

test("the name of a prompt's file is safe everywhere, and no plan's", () => {
  assert.equal(promptName(PROMPT), "prompt_PAY_1.1_create_subplan.md");
  const odd = texts(300).map((feature) => promptName({ ...PROMPT, feature }));
  for (const name of odd) assert.match(name, /^prompt_[A-Za-z0-9._-]{1,120}\.md$/);
  const asked = new Set(texts(300).map((feature) => [feature, "1.1", "create_subplan"].filter(Boolean).join("_")));
  assert.equal(new Set(odd).size, asked.size);
});

test("a prompt is written into the workspace, whole, ignored by git, and only there", async () => {
  const root = mkdtempSync(join(tmpdir(), "planmark-prompt-"));
  const path = await writePrompt({ ...PROMPT, workspace: root });
  assert.equal(path, ".planmark/prompts/prompt_PAY_1.1_create_subplan.md");
  assert.equal(readFileSync(join(root, path), "utf8"), "# PAY é\n");
  await writePrompt({ ...PROMPT, workspace: root, prompt: "again" });
  assert.equal(readFileSync(join(root, path), "utf8"), "again");
  assert.deepEqual(readdirSync(join(root, PROMPTS)).sort(), [".gitignore", "prompt_PAY_1.1_create_subplan.md"]);
  execFileSync("git", ["init", "-q", root]);
  assert.equal(execFileSync("git", ["-C", root, "status", "--porcelain"], { encoding: "utf8" }), "");
  writeFileSync(join(root, PROMPTS, ".gitignore"), "mine\n");
  await writePrompt({ ...PROMPT, workspace: root });
  assert.equal(readFileSync(join(root, PROMPTS, ".gitignore"), "utf8"), "mine\n");
});

test("a link that leads out of the workspace is refused, and a file that is one is not followed", async () => {
  const root = mkdtempSync(join(tmpdir(), "planmark-prompt-"));
  const outside = mkdtempSync(join(tmpdir(), "planmark-outside-"));
  symlinkSync(outside, join(root, ".planmark"));
  await assert.rejects(writePrompt({ ...PROMPT, workspace: root }), /is a link to a different folder/);
  assert.deepEqual(readdirSync(outside), []);

  const other = mkdtempSync(join(tmpdir(), "planmark-prompt-"));
  mkdirSync(join(other, PROMPTS), { recursive: true });
  writeFileSync(join(outside, "target"), "theirs");
  symlinkSync(join(outside, "target"), join(other, PROMPTS, promptName(PROMPT)));
  await writePrompt({ ...PROMPT, workspace: other });
  assert.equal(readFileSync(join(outside, "target"), "utf8"), "theirs");
  assert.ok(lstatSync(join(other, PROMPTS, promptName(PROMPT))).isFile());
});

test("a started agent finds the prompt", async () => {
  const root = mkdtempSync(join(tmpdir(), "planmark-agent "));
  const agent = join(root, "my agent's");
  writeFileSync(agent, '#!/bin/sh\nprintf "%s\\n" "$@"; cat\n');
  chmodSync(agent, 0o755);
  const path = await writePrompt({ ...PROMPT, workspace: root });
  const run = ({ words, input }: { readonly words: readonly string[]; readonly input?: string }) =>
    execFileSync("bash", ["-c", commandLine("posix", words, input)], { cwd: root, encoding: "utf8", input: "" });
  assert.equal(run(started({ name: "x", argv: [agent, "--print"] }, path)), "--print\n# PAY é\n");
  assert.equal(run(started({ name: "x", argv: [agent, "{request}"] }, path)), `Read ${path} and do what it says.\n`);
});
