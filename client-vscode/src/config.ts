/** The extension's own settings; those of the server go to the server as they are. */

/** Keys under `planmark.` that the server does not know, with their defaults. */
export const OWN = {
  "server.path": "",
  "server.interpreter": "",
  "server.importStrategy": "useBundled",
  "delivery.default": "ask",
  "delivery.agents": {},
  "verdict.reviewer": "",
  "tree.followEditor": true,
  "statusBar.enable": true,
  "decorations.enable": true,
} as const;

export type OwnKey = keyof typeof OWN;
type Value<K extends OwnKey> = (typeof OWN)[K] extends boolean
  ? boolean
  : (typeof OWN)[K] extends string
    ? string
    : object;

/** The allowed values of settings with fixed words. */
const ONE_OF: Partial<Record<OwnKey, readonly string[]>> = {
  "server.importStrategy": ["useBundled", "fromEnvironment"],
  "delivery.default": ["ask", "copy", "beside", "chat", "claudeCode", "terminal"],
};

/** Returns the value of the setting `key`, or its default and the problem of the value. */
export function checked<K extends OwnKey>(
  key: K,
  value: unknown,
): { readonly value: Value<K>; readonly wrong: string } {
  const usual = OWN[key] as Value<K>;
  if (value === undefined || value === null) return { value: usual, wrong: "" };
  const words = ONE_OF[key];
  if (typeof value === typeof usual && !Array.isArray(value) && (!words || words.includes(value as string))) {
    return { value: value as Value<K>, wrong: "" };
  }
  const wanted = words
    ? `one of ${words.join(", ")}`
    : `${typeof usual === "object" ? "an object" : `a ${typeof usual}`}`;
  const is = JSON.stringify(value).slice(0, 60);
  return { value: usual, wrong: `planmark.${key} must be ${wanted}, not ${is}; ${JSON.stringify(usual)} holds` };
}

/** Returns the settings under `planmark` without the extension's own. */
export function withoutOwn(settings: unknown): unknown {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return settings;
  const left = structuredClone(settings) as Record<string, unknown>;
  for (const key of Object.keys(OWN)) {
    const [table = "", name = ""] = key.split(".");
    const within = left[table];
    if (typeof within !== "object" || within === null) continue;
    delete (within as Record<string, unknown>)[name];
    if (Object.keys(within).length === 0) delete left[table];
  }
  return left;
}
