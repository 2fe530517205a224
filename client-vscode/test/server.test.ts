import assert from "node:assert/strict";
import { test } from "node:test";
import own from "../scripts/settings.json";
import { checked, OWN, withoutOwn } from "../src/config";
import { type Health, shown } from "../src/server/health";
import { report } from "../src/server/report";
import { afterCrash, backoffMs, MOST, WITHIN_MS } from "../src/server/restarts";
import { versionMismatch } from "../src/server/versions";

test("four crashes within three minutes are forgiven, the fifth is not", () => {
  let crashes: readonly number[] | undefined = [];
  for (let crash = 0; crash < MOST; crash++) crashes = afterCrash(crashes ?? [], 1000 * crash);
  assert.equal(crashes?.length, MOST);
  assert.equal(afterCrash(crashes ?? [], 5000), undefined);
});

test("crashes of long ago do not count", () => {
  assert.deepEqual(afterCrash([0, 1, 2, 3], WITHIN_MS + 3), [WITHIN_MS + 3]);
});

test("the first start after a crash is at once, later ones wait longer", () => {
  assert.deepEqual([1, 2, 3, 4].map(backoffMs), [0, 250, 500, 1000]);
});

const FITS: readonly [string, string | undefined, RegExp][] = [
  ["0.1.0", "0.1.9", /^$/],
  ["1.4.0", "1.2.0", /^$/],
  ["0.2.0", "0.1.0", /older \(0\.1\.0\).*update planmark/],
  ["0.1.0", "0.2.0", /newer \(0\.2\.0\).*update the extension/],
  ["1.0.0", "2.0.0", /newer/],
  ["0.1.0", undefined, /does not tell its version/],
  ["0.1.0", "what", /cannot be read/],
];
for (const [client, server, says] of FITS) {
  test(`extension ${client} with server ${server}`, () => assert.match(versionMismatch(client, server), says));
}

const ok = { health: "ok", quiescent: true, message: "" } as const;
const HEALTHS: readonly [Health, Partial<ReturnType<typeof shown>>][] = [
  [{ is: "resting" }, { severity: "information", busy: false }],
  [{ is: "starting" }, { busy: true }],
  [
    { is: "running", server: ok, note: "" },
    { detail: "Ready", severity: "information", busy: false },
  ],
  [
    { is: "running", server: { ...ok, quiescent: false }, note: "" },
    { detail: "Reading plans…", busy: true },
  ],
  [
    { is: "running", server: { health: "warning", quiescent: false, message: "a job takes long" }, note: "" },
    { detail: "a job takes long", severity: "warning", busy: true },
  ],
  [
    { is: "running", server: ok, note: "The server is older" },
    { detail: "The server is older", severity: "warning" },
  ],
  [
    { is: "running", server: { ...ok, health: "error", message: "no\nmore" }, note: "" },
    { detail: "no", severity: "error" },
  ],
  [
    { is: "restarting", crashes: 2 },
    { severity: "warning", busy: true },
  ],
  [
    { is: "failed", problem: "first\nsecond" },
    { detail: "first", severity: "error" },
  ],
];
for (const [health, wanted] of HEALTHS) {
  test(`health ${JSON.stringify(health)}`, () => assert.deepEqual({ ...shown(health), ...wanted }, shown(health)));
}

test("a server that has failed is started again by a click", () => {
  assert.equal(shown({ is: "failed", problem: "p" }).action.command, "planmark.restartServer");
});

test("the defaults of the extension's settings are those of package.json", () => {
  const declared = Object.fromEntries(Object.entries(own).map(([key, known]) => [key, known.default]));
  assert.deepEqual(declared, { ...OWN });
});

test("a setting of the wrong type is said, and its default holds", () => {
  assert.deepEqual(checked("server.path", "/p"), { value: "/p", wrong: "" });
  assert.deepEqual(checked("tree.followEditor", undefined), { value: true, wrong: "" });
  for (const [key, value] of [
    ["server.path", 7],
    ["tree.followEditor", "yes"],
    ["delivery.default", "mail"],
    ["delivery.agents", ["x"]],
    ["server.importStrategy", { a: 1 }],
  ] as const) {
    const read = checked(key, value);
    assert.equal(read.value, OWN[key]);
    assert.match(read.wrong, new RegExp(`^planmark\\.${key.replace(".", "\\.")} must be `));
  }
});

test("the server is sent its own settings only, of whatever type", () => {
  const all = {
    server: { path: "/p" },
    trace: { server: "off" },
    delivery: { default: "ask" },
    codeLens: { enable: 3 },
  };
  assert.deepEqual(withoutOwn(all), { trace: { server: "off" }, codeLens: { enable: 3 } });
  for (const odd of [null, undefined, 3, "text", [], { server: "text" }]) assert.deepEqual(withoutOwn(odd), odd);
});

test("a report names what was tried and hides the home folder", () => {
  const text = report({
    extension: "0.1.0",
    server: "0.1.0",
    editor: "Code 1.1",
    system: "linux x64",
    remote: "",
    trusted: true,
    launch: "the bundled server by /home/me/python",
    tried: [{ candidate: { source: "PATH", executable: "/home/me/old" }, problem: "it is Python 3.8" }],
    health: "running: a|b\nc",
    figures: "1 workspace",
    settings: [],
    log: ["one", "two"],
    home: "/home/me",
  });
  assert.match(text, /\| started by \| the bundled server by ~\/python \|/);
  assert.match(text, /- ~\/old \(PATH\): it is Python 3\.8/);
  assert.match(text, /\| health \| running: a\\\|b; c \|/);
  assert.ok(!text.includes("/home/me"));
});
