/** The tools for agents inside the editor: one server of the Model Context Protocol for each workspace with plans. */
import { execFile } from "node:child_process";
import { basename } from "node:path";
import type { Disposable, Event, Uri } from "vscode";
import { t } from "../l10n";
import type { StatusResult } from "../protocol";
import type { Launch } from "./resolveServer";

/** The id of the provider in the manifest. */
export const PROVIDER = "planmark";
const SECONDS = 60;

/** A server of tools: its name and the program that is it, in the form of the editor. */
export interface ToolServer {
  readonly label: string;
  readonly command: string;
  readonly args: string[];
  cwd?: Uri;
}

type NewToolServer = new (
  label: string,
  command: string,
  args: string[],
  env: Record<string, string | number | null>,
  version: string,
) => ToolServer;

interface Provider {
  readonly onDidChangeMcpServerDefinitions: Event<void>;
  provideMcpServerDefinitions(): ToolServer[];
  resolveMcpServerDefinition(server: ToolServer): Promise<ToolServer | undefined>;
}

/** The parts of the editor that are needed. The lowest version of the editor has none of them. */
export interface ToolsApi {
  readonly McpStdioServerDefinition?: NewToolServer;
  readonly lm?: { registerMcpServerDefinitionProvider?(id: string, provider: Provider): Disposable };
}

/** The inputs of the provider. `launch` starts the language server, and undefined if none was chosen. */
export interface ToolsParts {
  readonly version: string;
  readonly launch: () => Launch | undefined;
  /** The workspaces with plans. */
  readonly roots: () => readonly string[];
  readonly changed: Event<void>;
  /** The folder in which the servers work. It is outside of every workspace, because Python imports from it. */
  readonly folder: Uri;
  /** Returns why a server cannot run, "" if it can. */
  readonly problem: (server: ToolServer) => Promise<string>;
  readonly tell: (problem: string) => void;
}

/** Returns the workspaces that have plans. */
export function rootsWithPlans(status: StatusResult | undefined): readonly string[] {
  return (status?.workspaces ?? []).filter((known) => known.plans.length > 0).map((known) => known.root);
}

/** Offers the tools to the agents of the editor; undefined if the editor cannot take them. */
export function offerTools(api: ToolsApi, parts: ToolsParts): Disposable | undefined {
  const make = api.McpStdioServerDefinition;
  if (!make) return undefined;
  return api.lm?.registerMcpServerDefinitionProvider?.(PROVIDER, {
    onDidChangeMcpServerDefinitions: parts.changed,
    provideMcpServerDefinitions: () => {
      const launch = parts.launch();
      const roots = parts.roots();
      if (!launch) return [];
      return roots.map((root) => {
        const label = roots.length > 1 ? `Planmark (${basename(root)})` : "Planmark";
        const server = new make(label, launch.command, [...launch.args, "mcp", "--workspace", root], {}, parts.version);
        server.cwd = parts.folder;
        return server;
      });
    },
    resolveMcpServerDefinition: async (server) => {
      const problem = await parts.problem(server);
      if (!problem) return server;
      parts.tell(t("The tools for agents cannot start in {0}: {1}", server.command, problem));
      return undefined;
    },
  });
}

/** Starts a server without a client, which ends at once, and returns why it failed, "" if it did not. */
export function problemOf({ command, args }: ToolServer, folder: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: SECONDS * 1000, windowsHide: true };
    const child = execFile(command, args, options, (error, _stdout, stderr) => {
      const last = stderr
        .trim()
        .split("\n")
        .at(-1)
        ?.replace(/^planmark: /, "");
      resolve(error ? last || error.message : "");
    });
    child.stdin?.end();
  });
}
