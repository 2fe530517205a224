import assert from "node:assert/strict";
import { test } from "node:test";
import type { Uri } from "vscode";
import { type EnvironmentsApi, ofEnvironments, ofPython, type PythonApi } from "../src/server/interpreters";

const FOLDER = { fsPath: "/w" } as Uri;
const nothing = () => ({ dispose: () => undefined });

/** The Python extension where `chosen` is the path that is set for a folder, and `executables` what paths are resolved to. */
function python(chosen: Record<string, string>, executables: Record<string, string | undefined>): PythonApi {
  return {
    environments: {
      getActiveEnvironmentPath: (folder) => ({ path: chosen[folder?.fsPath ?? ""] ?? "" }),
      resolveEnvironment: async ({ path }) => {
        if (!(path in executables)) return undefined;
        const fsPath = executables[path];
        return { executable: fsPath === undefined ? {} : { uri: { fsPath } as Uri } };
      },
      onDidChangeActiveEnvironmentPath: nothing,
    },
  };
}

test("the Python extension names the interpreter of the folder, by its executable", async () => {
  const api = python(
    { "/w": "/w/.venv", "": "/usr" },
    { "/w/.venv": "/w/.venv/bin/python", "/usr": "/usr/bin/python3" },
  );
  assert.equal(await ofPython(api, FOLDER), "/w/.venv/bin/python");
  assert.equal(await ofPython(api, undefined), "/usr/bin/python3");
});

test("an environment without a Python in it, or one that has gone, names none", async () => {
  assert.equal(await ofPython(python({ "/w": "/conda" }, { "/conda": undefined }), FOLDER), undefined);
  assert.equal(await ofPython(python({ "/w": "/gone" }, {}), FOLDER), undefined);
});

test("the Python Environments extension names the executable that it would run", async () => {
  const asked: unknown[] = [];
  const api: EnvironmentsApi = {
    getEnvironment: async (scope) => {
      asked.push(scope);
      return { execInfo: { run: { executable: "/w/.venv/bin/python" } } };
    },
  };
  assert.equal(await ofEnvironments(api, FOLDER), "/w/.venv/bin/python");
  assert.deepEqual(asked, [FOLDER]);
  for (const chosen of [undefined, {}, { execInfo: {} }, { execInfo: { run: {} } }]) {
    assert.equal(await ofEnvironments({ getEnvironment: async () => chosen }, FOLDER), undefined);
  }
});

test("without these extensions there is no such candidate", async () => {
  assert.equal(await ofPython(undefined, FOLDER), undefined);
  assert.equal(await ofEnvironments(undefined, FOLDER), undefined);
});
