import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { probe } from "../src/server/probe";

const folder = mkdtempSync(join(tmpdir(), "planmark-probe-"));
const skip = process.platform === "win32" ? "scripts of a shell stand for interpreters" : false;

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("a Python says its version", { skip }, async () => {
  const said = await probe("python3", folder);
  assert.ok(!("problem" in said), JSON.stringify(said));
  assert.equal(said.version[0], 3);
  assert.match(said.executable ?? "", /^\/.*python/);
});

test("what does not exist is named so", async () => {
  assert.deepEqual(await probe(join(folder, "none"), folder), { problem: "there is no such program" });
});

test("what may not be started is named so", { skip }, async () => {
  const path = join(folder, "plain");
  writeFileSync(path, "text");
  assert.deepEqual(await probe(path, folder), { problem: "it may not be started" });
});

test("what answers something else is no Python", { skip }, async () => {
  assert.deepEqual(await probe(program("other", "echo hello"), folder), {
    problem: 'it is not a Python interpreter: it answers "hello\\n"',
  });
});

test("what fails says its last line", { skip }, async () => {
  const said = await probe(program("fails", "echo first >&2; echo 'no python for you' >&2; exit 3"), folder);
  assert.deepEqual(said, { problem: "it cannot be started: no python for you" });
});
