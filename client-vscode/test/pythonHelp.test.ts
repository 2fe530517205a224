import assert from "node:assert/strict";
import { test } from "node:test";
import { usualInterpreters } from "../src/server/interpreters";
import { waysToPython, withoutPython } from "../src/server/pythonHelp";

/** The text of `/etc/os-release` on a system → the command for it. */
const SYSTEMS: readonly (readonly [osRelease: string, command: RegExp])[] = [
  [
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n',
    /^sudo apt-get install python3$/,
  ],
  ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', /^sudo apt-get install python3$/],
  ["NAME=Fedora\nID=fedora\n", /^sudo dnf install python3$/],
  ['NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n', /^sudo dnf install python3\.12$/],
  ['NAME="Alpine Linux"\nID=alpine\n', /^apk add python3$/],
  ['NAME="Arch Linux"\nID=arch\n', /^sudo pacman -S python$/],
  [
    'NAME="openSUSE Tumbleweed"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
    /^sudo zypper install python312$/,
  ],
  ["ID=unheard-of\n", /^https:\/\/www\.python\.org/],
  ["", /^https:\/\/www\.python\.org/],
];

test("every system has its way to a Python, and one that needs no administrator", () => {
  for (const [osRelease, command] of SYSTEMS) {
    const ways = waysToPython({ platform: "linux", osRelease });
    assert.match(ways[0]?.by ?? "", command, osRelease);
    assert.match(ways.at(-1)?.by ?? "", /^uv python install/);
  }
  assert.match(waysToPython({ platform: "win32", osRelease: "" })[0]?.by ?? "", /^winget install/);
  assert.match(waysToPython({ platform: "darwin", osRelease: "" })[0]?.by ?? "", /^brew install/);
});

test("the message is a summary with the usual way, then a line for each way and each Python that was tried", () => {
  const system = { platform: "linux", osRelease: SYSTEMS[0]?.[0] ?? "" };
  const lines = withoutPython(system, "ssh-remote", ["python3: it is Python 3.8, and 3.10 is the lowest"]).split("\n");
  assert.match(lines[0] ?? "", /^No Python 3\.10 or later .*ssh-remote.* Get one: sudo apt-get install python3$/);
  assert.equal(lines[1], "On Debian GNU/Linux 12 (bookworm): sudo apt-get install python3");
  assert.equal(lines.at(-1), "• python3: it is Python 3.8, and 3.10 is the lowest");
  assert.ok(!withoutPython(system, "", []).includes("remote"));
  assert.ok(!withoutPython(system, "", []).includes("Tried"));
});

test("interpreters are looked for where systems have them", () => {
  assert.ok(usualInterpreters("linux", "/home/a", {}).includes("/usr/bin/python3.12"));
  assert.ok(usualInterpreters("darwin", "/Users/a", {}).includes("/opt/homebrew/bin/python3"));
  const windows = usualInterpreters("win32", "C:\\Users\\a", { LOCALAPPDATA: "C:\\Users\\a\\AppData\\Local" });
  assert.ok(windows.includes("C:\\Users\\a\\AppData\\Local\\Programs\\Python\\Python312\\python.exe"));
});
