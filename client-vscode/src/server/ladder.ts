/** Which Python, or which command, runs the server: the rungs in their order, and what is wrong with each that does not do. */

/** How a candidate was come by; the first two were named by the user. */
export type Rung = "planmark.server.path" | "planmark.server.interpreter" | "Python Environments" | "Python" | "PATH";

/** Something that may run the server; `folder` is the workspace folder for which it was chosen. */
export interface Candidate {
  readonly rung: Rung;
  readonly executable: string;
  readonly folder?: string;
}

/** What an interpreter says of itself; `planmark` is the version that is installed in it. */
export interface Interpreter {
  readonly version: readonly [number, number, number];
  readonly freeThreaded: boolean;
  readonly planmark: string | null;
}

/** What trying an executable gave: an interpreter, or why it is none. */
export type Probed = Interpreter | { readonly problem: string };

export type Strategy = "useBundled" | "fromEnvironment";

/** What this build of the extension brings; undefined where it was built without a server. */
export interface Bundle {
  readonly launcher: string;
  /** The Python versions for which it has native libraries, as `3.10`. */
  readonly pythons: readonly string[];
}

/** A candidate that does not do, and why. */
export interface Tried {
  readonly candidate: Candidate;
  readonly problem: string;
}

/** How the server is started. `says` is for the log and reports. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly says: string;
}

export type Found =
  | { readonly launch: Launch; readonly tried: readonly Tried[] }
  | { readonly problem: string; readonly tried: readonly Tried[] };

export const LOWEST = [3, 10] as const;
const NAMED: readonly Rung[] = ["planmark.server.path", "planmark.server.interpreter"];

/** What a choice depends on besides the candidates; `cache` is a folder for compiled Python. */
export interface Circumstances {
  readonly strategy: Strategy;
  readonly bundle: Bundle | undefined;
  readonly cache: string;
  readonly probe: (executable: string) => Promise<Probed>;
}

/** Goes up the ladder to the first candidate that does. One that the user named is the only one that counts. */
export async function climb(candidates: AsyncIterable<Candidate>, about: Circumstances): Promise<Found> {
  const tried: Tried[] = [];
  for await (const candidate of candidates) {
    if (tried.some((known) => known.candidate.executable === candidate.executable)) continue;
    if (candidate.rung === "planmark.server.path") {
      const says = `${candidate.executable} (${candidate.rung})`;
      return { launch: { command: candidate.executable, args: ["serve"], says }, tried };
    }
    const probed = await about.probe(candidate.executable);
    const launch = "problem" in probed ? probed : launchBy(candidate, probed, about);
    if (!("problem" in launch)) return { launch, tried };
    tried.push({ candidate, problem: launch.problem });
    if (NAMED.includes(candidate.rung)) {
      return {
        problem: `${candidate.rung} is ${candidate.executable}, and that does not do: ${launch.problem}`,
        tried,
      };
    }
  }
  return { problem: nothingFound(tried), tried };
}

/** How an interpreter starts the server: with what the extension brings, or with what is installed in it. */
function launchBy(
  candidate: Candidate,
  python: Interpreter,
  about: Circumstances,
): Launch | { readonly problem: string } {
  const [major, minor] = python.version;
  const version = `${major}.${minor}`;
  if (major !== LOWEST[0] || minor < LOWEST[1]) return { problem: `it is Python ${version}, and 3.10 is the lowest` };
  const from = `Python ${python.version.join(".")}, ${candidate.executable} (${candidate.rung})`;
  const { bundle } = about;
  const fits = bundle?.pythons.includes(version) && !python.freeThreaded;
  if (bundle && fits && about.strategy === "useBundled") {
    const args = ["-I", "-X", "utf8", "-X", `pycache_prefix=${about.cache}`, bundle.launcher, "serve"];
    return { command: candidate.executable, args, says: `the bundled server by ${from}` };
  }
  if (python.planmark !== null) {
    // Not isolated from what the user has installed for himself, but from PYTHONPATH, which may lead into a workspace.
    const args = ["-E", "-X", "utf8", "-m", "planmark", "serve"];
    return { command: candidate.executable, args, says: `planmark ${python.planmark} of ${from}` };
  }
  return { problem: whyNot(version, python.freeThreaded, about) };
}

function whyNot(version: string, freeThreaded: boolean, about: Circumstances): string {
  if (about.strategy === "fromEnvironment")
    return "planmark is not installed in it, and the bundled server is not wanted";
  if (!about.bundle) return "planmark is not installed in it, and this build of the extension brings no server";
  const has = about.bundle.pythons.join(", ");
  const is = freeThreaded ? `a free-threaded Python ${version}` : `Python ${version}`;
  return `it is ${is}; the bundled server has libraries for ${has}, and planmark is not installed in it`;
}

function nothingFound(tried: readonly Tried[]): string {
  const listed = tried.map((known) => `${known.candidate.executable}: ${known.problem}`);
  return ["No Python 3.10 or later was found that can run the server.", ...listed].join("\n");
}
