/** Whether the server and this extension belong together. */

/** What to say of a server of version `server` to a user of the extension `client`; "" where they fit. */
export function versionMismatch(client: string, server: string | undefined): string {
  if (server === undefined) return `The server does not say its version; this extension requires ${client}.`;
  const [own, other] = [client, server].map(numbers);
  if (!own || !other) return `The server's version ${server} cannot be read; this extension requires ${client}.`;
  // Within 0.x a minor version may change what is said; later a major one.
  const length = own[0] === 0 ? 2 : 1;
  for (let part = 0; part < length; part++) {
    const difference = (other[part] ?? 0) - (own[part] ?? 0);
    if (difference < 0) return `The server is older (${server}) than this extension (${client}): update planmark.`;
    if (difference > 0) return `The server is newer (${server}) than this extension (${client}): update the extension.`;
  }
  return "";
}

function numbers(version: string): number[] | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? found.slice(1).map(Number) : undefined;
}
