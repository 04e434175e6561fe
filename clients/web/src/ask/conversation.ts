/** Names conversations: what is asked in one can build on what was asked before. */

/** Return a name that no other conversation has. crypto.randomUUID is missing on pages without TLS. */
export function newConversation(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
