import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Uri } from "vscode";
import manifest from "../package.json";
import {
  offerTools,
  PROVIDER,
  problemOf,
  rootsWithPlans,
  type ToolServer,
  type ToolsParts,
} from "../src/server/agentTools";
import type { Launch } from "../src/server/resolveServer";
import { SHOP, statusOf, workspace } from "./fixture";

const LAUNCH: Launch = { command: "/p/python3", args: ["-I", "/x/launch.py"], says: "" };

class Definition implements ToolServer {
  cwd?: Uri;
  constructor(
    readonly label: string,
    readonly command: string,
    readonly args: string[],
    readonly env: Record<string, string | number | null>,
    readonly version: string,
  ) {}
}

type Registered = Parameters<
  NonNullable<NonNullable<Parameters<typeof offerTools>[0]["lm"]>["registerMcpServerDefinitionProvider"]>
>;

/** The provider that a newer editor gets, and the problems that a person is told. */
function offered(more: Partial<ToolsParts>): { provider: Registered[1]; id: string; told: string[] } {
  const told: string[] = [];
  const registered: Registered[] = [];
  const disposable = { dispose: () => undefined };
  const parts: ToolsParts = {
    version: "1.2.3",
    launch: () => LAUNCH,
    roots: () => ["/w/shop"],
    changed: () => disposable,
    folder: { fsPath: "/x" } as Uri,
    problem: async () => "",
    tell: (problem) => told.push(problem),
    ...more,
  };
  const registerMcpServerDefinitionProvider = (...given: Registered) => {
    registered.push(given);
    return disposable;
  };
  const lm = { registerMcpServerDefinitionProvider };
  assert.equal(offerTools({ McpStdioServerDefinition: Definition, lm }, parts), disposable);
  const [given] = registered;
  assert.ok(given);
  return { id: given[0], provider: given[1], told };
}

test("the provider has the id of the manifest", () => {
  const ids = manifest.contributes.mcpServerDefinitionProviders.map((known) => known.id);
  assert.deepEqual(ids, [PROVIDER]);
  assert.equal(offered({}).id, PROVIDER);
});

test("an editor that lacks the interface gets no provider, and nothing fails", () => {
  const parts = {} as ToolsParts;
  assert.equal(offerTools({}, parts), undefined);
  assert.equal(offerTools({ lm: {} }, parts), undefined);
  assert.equal(offerTools({ McpStdioServerDefinition: Definition }, parts), undefined);
  assert.equal(offerTools({ McpStdioServerDefinition: Definition, lm: {} }, parts), undefined);
});

test("the tools run by the Python that runs the language server, outside of every workspace", () => {
  const [server, ...others] = offered({}).provider.provideMcpServerDefinitions();
  assert.ok(server instanceof Definition);
  assert.deepEqual(others, []);
  assert.equal(server.label, "Planmark");
  assert.deepEqual([server.command, server.version], ["/p/python3", "1.2.3"]);
  assert.deepEqual(server.args, ["-I", "/x/launch.py", "mcp", "--workspace", "/w/shop"]);
  assert.equal(server.cwd?.fsPath, "/x");
});

test("each workspace has a server of its own, named by its folder", () => {
  const servers = offered({ roots: () => ["/w/shop", "/w/site"] }).provider.provideMcpServerDefinitions();
  assert.deepEqual(
    servers.map((server) => server.label),
    ["Planmark (shop)", "Planmark (site)"],
  );
});

test("without a plan or without a Python there is no server", () => {
  assert.deepEqual(offered({ roots: () => [] }).provider.provideMcpServerDefinitions(), []);
  assert.deepEqual(offered({ launch: () => undefined }).provider.provideMcpServerDefinitions(), []);
  assert.deepEqual(rootsWithPlans(undefined), []);
  assert.deepEqual(rootsWithPlans(statusOf(workspace("/a", [SHOP]), workspace("/b", []))), ["/a"]);
});

test("a server that cannot run is not started, and the person is told how to get it", async () => {
  const says = "`planmark mcp` needs the extra `mcp`: pip install 'planmark[mcp]'";
  const { provider, told } = offered({ problem: async () => says });
  const [server] = provider.provideMcpServerDefinitions();
  assert.ok(server);
  assert.equal(await provider.resolveMcpServerDefinition(server), undefined);
  assert.deepEqual(told, [`The tools for agents cannot start in /p/python3: ${says}`]);
});

test("a server that can run is started as it was offered", async () => {
  const { provider, told } = offered({});
  const [server] = provider.provideMcpServerDefinitions();
  assert.ok(server);
  assert.equal(await provider.resolveMcpServerDefinition(server), server);
  assert.deepEqual(told, []);
});

const skip = process.platform === "win32" ? "scripts of a shell stand for servers" : false;

test("the check of a server gives its message, or nothing at the end of its input", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "planmark-tools-"));
  const path = join(folder, "server");
  const about = async (text: string): Promise<string> => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return problemOf({ label: "", command: path, args: ["mcp"] }, folder);
  };
  assert.equal(await about("cat >/dev/null"), "");
  assert.equal(await about('echo first >&2; echo "planmark: $1 is missing" >&2; exit 5'), "mcp is missing");
  assert.match(await about("exit 3"), /Command failed/);
  assert.match(await problemOf({ label: "", command: join(folder, "none"), args: [] }, folder), /ENOENT/);
});
