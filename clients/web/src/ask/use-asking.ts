/** Makes a run of what a person asks, and goes to it. */
import type { Created } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { useState } from "react";
import { runMade } from "../shell/levada";
import { said } from "../shell/loading";
import { navigate } from "../shell/router";
import { newConversation } from "./conversation";
import { request, type Wish } from "./request";

export function useAsking() {
  const client = useLevada();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  /** Make a run by *make* and go to it; return whether that was possible. */
  async function go(make: () => Promise<Created>): Promise<boolean> {
    setBusy(true);
    setProblem("");
    try {
      const { run } = await make();
      runMade(run);
      navigate({ name: "run", id: run.runId ?? "", tab: "answer" });
      return true;
    } catch (error) {
      setProblem(said(error));
      return false;
    } finally {
      setBusy(false);
    }
  }

  const ask = (wish: Wish) =>
    go(() => client.create(request({ ...wish, conversation: wish.conversation || newConversation() })));
  return { ask, go, busy, problem };
}
