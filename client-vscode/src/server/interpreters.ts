/** Which interpreter the two Python extensions have chosen for a folder, by what is used of their interfaces. */
import type * as vscode from "vscode";

/** Of `ms-python.vscode-python-envs`. */
export interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment?: vscode.Event<unknown>;
}

/** Of `ms-python.python`. */
export interface PythonApi {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(of: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The executable for `scope`; undefined without the extension, or where it has chosen none. */
export async function ofEnvironments(
  api: EnvironmentsApi | undefined,
  scope: vscode.Uri | undefined,
): Promise<string | undefined> {
  return (await api?.getEnvironment(scope))?.execInfo?.run?.executable;
}

/** The executable for `scope`; undefined without the extension, or where what is chosen is no Python. */
export async function ofPython(api: PythonApi | undefined, scope: vscode.Uri | undefined): Promise<string | undefined> {
  const environments = api?.environments;
  const resolved = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(scope));
  return resolved?.executable.uri?.fsPath;
}

/** Where interpreters usually are, besides those that the search for the server asks: full paths, which need not exist. */
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
