/** The ways to install a Python on the system of the server, which may differ from that of the window. */
import { t } from "../l10n";

/** A system: `platform` as Node names it, and on Linux the text of `/etc/os-release`. */
export interface System {
  readonly platform: string;
  readonly osRelease: string;
}

/** A way to install a Python: the place where it works, and the command or address. */
export interface PythonWay {
  readonly on: string;
  readonly by: string;
}

const UV: PythonWay = { on: t("With uv, without administrator rights"), by: "uv python install 3.13" };
const SITE = "https://www.python.org/downloads/";

/** Name of a distribution in `/etc/os-release` → the command that installs a Python. */
const PACKAGES: Readonly<Record<string, string>> = {
  debian: "sudo apt-get install python3",
  ubuntu: "sudo apt-get install python3",
  fedora: "sudo dnf install python3",
  rhel: "sudo dnf install python3.12",
  centos: "sudo dnf install python3.12",
  amzn: "sudo dnf install python3.12",
  alpine: "apk add python3",
  arch: "sudo pacman -S python",
  suse: "sudo zypper install python312",
  opensuse: "sudo zypper install python312",
  nixos: "nix profile install nixpkgs#python3",
  void: "sudo xbps-install python3",
  gentoo: "sudo emerge dev-lang/python",
};

/** Returns the ways to install a Python on a system, the most usual first. */
export function waysToPython({ platform, osRelease }: System): readonly PythonWay[] {
  if (platform === "win32") {
    return [
      { on: t("In PowerShell"), by: "winget install Python.Python.3.13" },
      { on: t("From python.org"), by: SITE },
      UV,
    ];
  }
  if (platform === "darwin") {
    return [{ on: t("With Homebrew"), by: "brew install python" }, { on: t("From python.org"), by: SITE }, UV];
  }
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const names = `${value("ID")} ${value("ID_LIKE")}`.split(/\s+/);
  const command = names.map((name) => PACKAGES[name]).find(Boolean);
  const named = value("PRETTY_NAME") || value("NAME") || t("this system");
  return command ? [{ on: t("On {0}", named), by: command }, UV] : [{ on: t("From python.org"), by: SITE }, UV];
}

/** Returns the message if there is no Python: a summary in one line, then the ways, then `tried`, each on its own line. */
export function withoutPython(system: System, remote: string, tried: readonly string[]): string {
  const ways = waysToPython(system);
  const usual = ways[0]?.by ?? SITE;
  return [
    remote
      ? t(
          "No Python 3.10 or later was found on the remote side ({0}) that can run the server. Get one: {1}",
          remote,
          usual,
        )
      : t("No Python 3.10 or later was found that can run the server. Get one: {0}", usual),
    ...ways.map(({ on, by }) => `${on}: ${by}`),
    t("Then run “Planmark: Restart Server”. If a Python is elsewhere, run “Planmark: Select Interpreter”."),
    ...(tried.length ? [t("Tried:"), ...tried.map((line) => `• ${line}`)] : []),
  ].join("\n");
}
