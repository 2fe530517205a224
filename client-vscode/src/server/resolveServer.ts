/** Chooses the Python or the command that runs the server, and says why each rejected candidate cannot. */
import { t } from "../l10n";

/** The source of a candidate. The user names the first two. */
export type CandidateSource =
  | "planmark.server.path"
  | "planmark.server.interpreter"
  | "Python Environments"
  | "Python"
  | "PATH";

/** A program that may run the server; `folder` is the workspace folder for which it was chosen. */
export interface Candidate {
  readonly source: CandidateSource;
  readonly executable: string;
  readonly folder?: string;
}

/** The facts about an interpreter; `planmark` is the version that is installed in it, `executable` its full path. */
export interface Interpreter {
  readonly version: readonly [number, number, number];
  readonly freeThreaded: boolean;
  readonly planmark: string | null;
  readonly executable?: string;
}

/** The result of trying an executable: an interpreter, or why it is not one. */
export type Probed = Interpreter | { readonly problem: string };

export type Strategy = "useBundled" | "fromEnvironment";

/** The server that this build of the extension contains; undefined in a build without a server. */
export interface Bundle {
  readonly launcher: string;
  /** The Python versions for which it has native libraries, as `3.10`. */
  readonly pythons: readonly string[];
}

/** A candidate that cannot run the server, and why. */
export interface RejectedCandidate {
  readonly candidate: Candidate;
  readonly problem: string;
}

/** The program and arguments that stand for the command `planmark`. `says` is for the log and reports. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly says: string;
}

export type Found =
  | { readonly launch: Launch; readonly tried: readonly RejectedCandidate[] }
  | { readonly problem: string; readonly tried: readonly RejectedCandidate[] };

export const LOWEST = [3, 10] as const;
const NAMED: readonly CandidateSource[] = ["planmark.server.path", "planmark.server.interpreter"];

/** The other inputs of the choice; `cache` is a folder for compiled Python. */
export interface ResolveOptions {
  readonly strategy: Strategy;
  readonly bundle: Bundle | undefined;
  readonly cache: string;
  readonly probe: (executable: string) => Promise<Probed>;
  /** Returns the message if no candidate can run the server, given a line for each. */
  readonly nothing: (tried: readonly string[]) => string;
}

/** Returns the first candidate that can run the server. If the user named one, only that one counts. */
export async function resolveServer(candidates: AsyncIterable<Candidate>, options: ResolveOptions): Promise<Found> {
  const tried: RejectedCandidate[] = [];
  for await (const candidate of candidates) {
    if (tried.some((known) => known.candidate.executable === candidate.executable)) continue;
    if (candidate.source === "planmark.server.path") {
      const says = `${candidate.executable} (${candidate.source})`;
      return { launch: { command: candidate.executable, args: [], says }, tried };
    }
    const probed = await options.probe(candidate.executable);
    const launch = "problem" in probed ? probed : launchBy(candidate, probed, options);
    if (!("problem" in launch)) return { launch, tried };
    tried.push({ candidate, problem: launch.problem });
    if (NAMED.includes(candidate.source)) {
      return {
        problem: t(
          "{0} is {1}, which cannot run the server: {2}",
          candidate.source,
          candidate.executable,
          launch.problem,
        ),
        tried,
      };
    }
  }
  const listed = tried.map((known) => `${known.candidate.executable}: ${known.problem}`);
  return { problem: options.nothing(listed), tried };
}

/** Returns how an interpreter starts the server: with the server in the extension, or with the installed one. */
export function launchBy(
  candidate: Candidate,
  python: Interpreter,
  options: Pick<ResolveOptions, "strategy" | "bundle" | "cache">,
): Launch | { readonly problem: string } {
  const [major, minor] = python.version;
  const version = `${major}.${minor}`;
  if (major !== LOWEST[0] || minor < LOWEST[1])
    return { problem: t("it is Python {0}, and the server needs 3.10 or later", version) };
  const from = `Python ${python.version.join(".")}, ${candidate.executable} (${candidate.source})`;
  const { bundle } = options;
  const fits = bundle?.pythons.includes(version) && !python.freeThreaded;
  if (bundle && fits && options.strategy === "useBundled") {
    const args = ["-I", "-X", "utf8", "-X", `pycache_prefix=${options.cache}`, bundle.launcher];
    return { command: candidate.executable, args, says: `the bundled server by ${from}` };
  }
  if (python.planmark !== null) {
    // The packages of the user count, but PYTHONPATH does not, because it may lead into a workspace.
    const args = ["-E", "-X", "utf8", "-m", "planmark"];
    return { command: candidate.executable, args, says: `planmark ${python.planmark} of ${from}` };
  }
  return { problem: whyNot(version, python.freeThreaded, options) };
}

function whyNot(version: string, freeThreaded: boolean, options: Pick<ResolveOptions, "strategy" | "bundle">): string {
  if (options.strategy === "fromEnvironment")
    return t("planmark is not installed in it, and the bundled server is not wanted");
  if (!options.bundle) return t("planmark is not installed in it, and this build of the extension contains no server");
  const has = options.bundle.pythons.join(", ");
  const is = freeThreaded ? t("a free-threaded Python {0}", version) : `Python ${version}`;
  return t("it is {0}; the bundled server has libraries for {1}, and planmark is not installed in it", is, has);
}
