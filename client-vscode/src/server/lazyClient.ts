/** Loads the bundle of the client: its library takes longer to load than everything else together. */
import type * as client from "./client";

export function loadClient(): typeof client {
  // This file is beside the bundle in dist/, and not part of it.
  return require("./client.js");
}
