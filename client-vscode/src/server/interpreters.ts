/**
 * The interpreter that the two Python extensions have chosen for a folder, by the parts of their interfaces that are used here.
 */
import type * as vscode from "vscode";

/** The interface of `ms-python.vscode-python-envs`. */
export interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment?: vscode.Event<unknown>;
}

/** The interface of `ms-python.python`. */
export interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(of: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** Returns the executable for `scope`; undefined without the extension, or if it has chosen none. */
export async function ofEnvironments(
  api: EnvironmentsApi | undefined,
  scope: vscode.Uri | undefined,
): Promise<string | undefined> {
  return (await api?.getEnvironment(scope))?.execInfo?.run?.executable;
}

/** Returns the executable for `scope`; undefined without the extension, or if its choice is no Python. */
export async function ofPython(api: PythonApi | undefined, scope: vscode.Uri | undefined): Promise<string | undefined> {
  const environments = api?.environments;
  const resolved = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(scope));
  return resolved?.executable.uri?.fsPath;
}

/** Returns the usual paths of interpreters, besides those that the search for the server asks. They need not exist. */
export function usualInterpreters(
  platform: string,
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const versions = ["3.14", "3.13", "3.12", "3.11", "3.10"];
  if (platform === "win32") {
    const roots = [env["LOCALAPPDATA"] && `${env["LOCALAPPDATA"]}\\Programs\\Python`, env["ProgramFiles"], "C:"];
    return roots
      .filter((root): root is string => Boolean(root))
      .flatMap((root) => versions.map((version) => `${root}\\Python${version.replace(".", "")}\\python.exe`));
  }
  const folders = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", `${home}/.local/bin`, `${home}/.pyenv/shims`];
  const names = ["python3", ...versions.map((version) => `python${version}`)];
  return folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
}
