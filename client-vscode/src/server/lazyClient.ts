/** Loads the bundle of the client: its library takes longer to load than everything else together. */
import type * as client from "./client";

export function loadClient(): typeof client {
  // Beside this bundle in dist/, and left out of it.
  return require("./client.js");
}
