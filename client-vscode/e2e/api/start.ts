/** A server that is killed at each moment of its start: nothing false is shown, and the next start shows everything. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { file, ready, runAll, set, until } from "./harness";
import { differences, expectedBy, type Shown, shownBy } from "./shown";

/** Maximum number of server messages before a start is killed; a whole start of the example has fewer. */
const MOST_MESSAGES = 12;

/**
 * Returns the path of a program that starts a server, passes its messages on, and kills it. The file `moment` has the number of
 * messages before the kill; it counts for one start.
 */
function killable(extension: string, moment: string): string {
  const path = join(tmpdir(), `planmark-killable-${process.pid}`);
  const launcher = join(extension, "bundled", "launch.py");
  writeFileSync(
    path,
    `#!/usr/bin/env python3
import os, signal, subprocess, sys, threading
moment, left = ${JSON.stringify(moment)}, -1
if os.path.exists(moment):
    left = int(open(moment).read())
    os.unlink(moment)
server = subprocess.Popen([sys.executable, "-I", ${JSON.stringify(launcher)}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def end():
    server.kill()
    os.kill(os.getpid(), signal.SIGKILL)
def into():
    while data := os.read(0, 65536):
        server.stdin.write(data)
        server.stdin.flush()
    server.stdin.close()
if left == 0:
    end()
threading.Thread(target=into, daemon=True).start()
while header := server.stdout.readline():
    length = int(header.split(b":")[1])
    while (line := server.stdout.readline()).strip():
        pass
    body = server.stdout.read(length)
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n" % length + body)
    sys.stdout.buffer.flush()
    left -= 1
    if left == 0:
        end()
sys.exit(server.wait())
`,
  );
  chmodSync(path, 0o755);
  return path;
}

export const run = (): Promise<void> =>
  runAll({
    "a server that is killed at any moment of its start leaves nothing false, and the next one shows everything":
      async () => {
        const own = await ready();
        const extension = vscode.extensions.getExtension("planmark.planmark")?.extensionPath ?? "";
        const root = file("").fsPath.replace(/\/$/, "");
        await vscode.commands.executeCommand("planmark.showMetrics");
        const expected = expectedBy(extension, root);
        let left: readonly string[] = [];
        const equal = (what: string): Promise<true> =>
          until(what, async () => {
            const health = own.session.health();
            if (health.is !== "running" || !health.server.quiescent) return false;
            left = differences(await shownBy(own, root), expected);
            return left.length === 0;
          }).catch((error: unknown) => {
            throw new Error(`${error}, ${JSON.stringify(own.session.health())}\n${left.slice(0, 20).join("\n")}`);
          });
        await equal("everything is shown at first");

        const moment = join(tmpdir(), `planmark-moment-${process.pid}`);
        const wrong = new Set<string>();
        const look = (): void => {
          for (const text of falseLines(own.statusBar.text(), own.tree.items(), expected)) wrong.add(text);
        };
        const listeners = [own.session.onStatus(look), own.session.onHealth(look)];
        try {
          await set("server.path", killable(extension, moment));
          await until("it is the one that can be killed", () => {
            const now = own.session.health();
            return now.is === "running" && own.session.launch().says.includes("killable");
          });
          for (let messages = 0; messages <= MOST_MESSAGES; messages++) {
            writeFileSync(moment, String(messages));
            await own.session.restart().catch(() => undefined);
            await until(`a start takes the moment ${messages}`, () => !existsSync(moment));
            const health = await until(`after ${messages} messages it has failed or runs`, () => {
              const now = own.session.health();
              return (now.is === "failed" || (now.is === "running" && now.server.quiescent)) && now;
            });
            if (health.is === "failed") {
              assert.match(health.problem, /before it answered|crashed too often/);
              await vscode.commands.executeCommand("planmark.restartServer");
            }
            await equal(`everything is shown after one that was killed after ${messages} messages`);
          }
          assert.deepEqual([...wrong], []);
        } finally {
          for (const listener of listeners) listener.dispose();
          await set("server.path", undefined);
        }
        await until("the right one", () => own.session.launch().says.startsWith("the bundled"));
        await ready();
      },
  });

/** A wrong line in the tree or the status bar: one that differs from the final lines. */
function falseLines(
  statusBar: string,
  items: readonly { readonly label: string; readonly description: string }[],
  expected: Shown,
): string[] {
  const lines = items.filter(
    (item) => !expected.tree.some((line) => line.startsWith(`${item.label} | ${item.description} |`)),
  );
  const bar = statusBar && statusBar !== expected.statusBar && !statusBar.includes("eading") ? [statusBar] : [];
  return [...lines.map((item) => `${item.label} ${item.description}`), ...bar];
}
