// Which client the components below talk through.

import { createContext, type ReactNode, useContext } from "react";
import type { Client } from "../api.js";

const Context = createContext<Client | undefined>(undefined);

/** Let all components and hooks below use *client*. It stays the caller's: it is not closed here. */
export function LevadaProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <Context value={client}>{children}</Context>;
}

/** Return the client of the provider above. Throws where there is none. */
export function useLevada(): Client {
  const client = useContext(Context);
  if (!client) throw new Error("Put <LevadaProvider client={connect()}> around what uses Levada.");
  return client;
}
