/** The check that the server and this extension have compatible versions. */
import { t } from "../l10n";

/** Returns the message about a server of version `server` for a user of the extension `client`; "" if they are compatible. */
export function versionMismatch(client: string, server: string | undefined): string {
  if (server === undefined)
    return t("The server does not tell its version. This extension requires version {0}.", client);
  const [own, other] = [client, server].map(numbers);
  if (!own || !other)
    return t(
      "The server has the version {0}, which cannot be read. This extension requires version {1}.",
      server,
      client,
    );
  // Within 0.x a minor version may change the protocol; later a major one.
  const length = own[0] === 0 ? 2 : 1;
  for (let part = 0; part < length; part++) {
    const difference = (other[part] ?? 0) - (own[part] ?? 0);
    if (difference < 0)
      return t("The server is older ({0}) than this extension ({1}): update planmark.", server, client);
    if (difference > 0)
      return t("The server is newer ({0}) than this extension ({1}): update the extension.", server, client);
  }
  return "";
}

function numbers(version: string): number[] | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? found.slice(1).map(Number) : undefined;
}
