import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Candidate,
  type Interpreter,
  type Probed,
  type ResolveOptions,
  resolveServer,
} from "../src/server/resolveServer";

const PYTHON: Interpreter = { version: [3, 12, 1], freeThreaded: false, planmark: null };
const BUNDLE = { launcher: "/x/launch.py", pythons: ["3.10", "3.11", "3.12"] };

async function* given(...candidates: Candidate[]): AsyncGenerator<Candidate> {
  yield* candidates;
}

function about(answers: Record<string, Probed>, more: Partial<ResolveOptions> = {}): ResolveOptions {
  const probe = async (executable: string): Promise<Probed> =>
    answers[executable] ?? { problem: "there is no such program" };
  return {
    strategy: "useBundled",
    bundle: BUNDLE,
    cache: "/c",
    probe,
    nothing: (tried) => ["nothing", ...tried].join("\n"),
    ...more,
  };
}

test("the bundled server runs isolated from the environment and from the workspace", async () => {
  const found = await resolveServer(given({ source: "PATH", executable: "python3" }), about({ python3: PYTHON }));
  assert.ok("launch" in found);
  assert.equal(found.launch.command, "python3");
  assert.deepEqual(found.launch.args, ["-I", "-X", "utf8", "-X", "pycache_prefix=/c", "/x/launch.py"]);
});

test("a command that the user names is taken as it is", async () => {
  const found = await resolveServer(given({ source: "planmark.server.path", executable: "/opt/planmark" }), about({}));
  assert.ok("launch" in found);
  assert.deepEqual([found.launch.command, ...found.launch.args], ["/opt/planmark"]);
});

test("an interpreter that the user names and that cannot run the server ends the search: nothing else runs instead", async () => {
  const candidates = given(
    { source: "planmark.server.interpreter", executable: "/no" },
    { source: "PATH", executable: "python3" },
  );
  const found = await resolveServer(candidates, about({ python3: PYTHON }));
  assert.ok("problem" in found);
  assert.match(
    found.problem,
    /planmark\.server\.interpreter is \/no, which cannot run the server: there is no such program/,
  );
});

test("a bad interpreter of the first folder does not keep that of the second from being tried", async () => {
  const candidates = given(
    { source: "Python", executable: "/a/python", folder: "/a" },
    { source: "Python", executable: "/b/python", folder: "/b" },
  );
  const found = await resolveServer(
    candidates,
    about({ "/a/python": { ...PYTHON, version: [3, 8, 0] }, "/b/python": PYTHON }),
  );
  assert.ok("launch" in found);
  assert.equal(found.launch.command, "/b/python");
  assert.deepEqual(
    found.tried.map((known) => known.problem),
    ["it is Python 3.8, and the server needs 3.10 or later"],
  );
});

test("the same executable is asked once", async () => {
  let asked = 0;
  const probe = async (): Promise<Probed> => {
    asked++;
    return { problem: "no" };
  };
  const twice = given({ source: "Python", executable: "/p" }, { source: "PATH", executable: "/p" });
  await resolveServer(twice, about({}, { probe }));
  assert.equal(asked, 1);
});

const INSTALLED = { ...PYTHON, planmark: "0.1.0" };
const CASES: readonly [string, Interpreter, Partial<ResolveOptions>, RegExp][] = [
  [
    "from the environment where that is wanted",
    INSTALLED,
    { strategy: "fromEnvironment" },
    /^planmark 0\.1\.0 of Python 3\.12\.1/,
  ],
  ["from the environment where nothing is bundled", INSTALLED, { bundle: undefined }, /^planmark 0\.1\.0 of/],
  [
    "from the environment for a Python without bundled libraries",
    { ...INSTALLED, version: [3, 15, 0] },
    {},
    /^planmark 0\.1\.0/,
  ],
  ["from the environment for a free-threaded Python", { ...INSTALLED, freeThreaded: true }, {}, /^planmark 0\.1\.0 of/],
  ["bundled although it is installed", INSTALLED, {}, /^the bundled server by/],
];
for (const [name, python, more, says] of CASES) {
  test(`the server comes ${name}`, async () => {
    const found = await resolveServer(given({ source: "PATH", executable: "p" }), about({ p: python }, more));
    assert.ok("launch" in found);
    assert.match(found.launch.says, says);
  });
}

const REFUSED: readonly [string, Interpreter, Partial<ResolveOptions>, RegExp][] = [
  [
    "too new",
    { ...PYTHON, version: [3, 15, 0] },
    {},
    /it is Python 3\.15; the bundled server has libraries for 3\.10, 3\.11, 3\.12/,
  ],
  ["free-threaded", { ...PYTHON, freeThreaded: true }, {}, /a free-threaded Python 3\.12/],
  [
    "without planmark where that is wanted",
    PYTHON,
    { strategy: "fromEnvironment" },
    /planmark is not installed in it, and the bundled/,
  ],
  ["without planmark where nothing is bundled", PYTHON, { bundle: undefined }, /contains no server/],
];
for (const [name, python, more, says] of REFUSED) {
  test(`a Python that is ${name} is refused, saying why`, async () => {
    const found = await resolveServer(given({ source: "PATH", executable: "p" }), about({ p: python }, more));
    assert.ok("problem" in found);
    assert.match(found.problem, says);
  });
}

test("where there is nothing, it says what was tried", async () => {
  const found = await resolveServer(given({ source: "PATH", executable: "python3" }), about({}));
  assert.ok("problem" in found);
  assert.match(found.problem, /^nothing\npython3: there is no such program/);
});
