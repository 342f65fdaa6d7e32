/** The server's stream of changes, which the browser reconnects on its own. */

import { parseJson } from "./base/exact_json.js";

const KINDS = [
  "state", "log", "event", "partial", "execution", "approval", "config", "cache", "health",
  "reload", "violation",
];

const RETRY_MS = 1000;

/**
 * Keeps the store current. 
 * @param {import("./store.js").Store} store
 */
export function followStream(store) {
  const source = new EventSource("/api/stream");
  // Its first message is the whole state, and with it whatever was missed.
  source.addEventListener("open", () => store.setConnection("open"));
  source.addEventListener("error", () => {
    store.setConnection("lost");
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => followStream(store), RETRY_MS);
    }
  });
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => store.apply(kind, parseJson(event.data)));
  }
}
