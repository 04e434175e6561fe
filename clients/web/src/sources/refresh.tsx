/** Has a source looked at anew, and says what changed. */
import type { RefreshSourceResponseJson } from "@levada/client";
import { count, duration, useLevada } from "@levada/client/react";
import { useState } from "react";
import { milliseconds } from "../shell/format";
import { said } from "../shell/loading";

export function Refresh({ source, done }: { source: string; done: () => void }) {
  const client = useLevada();
  const [told, setTold] = useState("");
  const [busy, setBusy] = useState(false);

  async function refresh() {
    setBusy(true);
    setTold("Looking…");
    try {
      setTold(changes(await client.refresh(source)));
      done();
    } catch (error) {
      setTold(said(error));
    }
    setBusy(false);
  }

  return (
    <span className="refresh">
      <span className="quiet" role="status">
        {told}
      </span>
      <button type="button" className="button" onClick={refresh} disabled={busy}>
        Look again
      </button>
    </span>
  );
}

function changes(found: RefreshSourceResponseJson): string {
  const parts = [
    named(found.added, "new"),
    named(found.removed, "gone"),
    named(found.changed, "changed"),
    (found.problems ?? []).join(" "),
  ].filter(Boolean);
  const took = milliseconds(found.duration);
  const read = `${count(found.tables ?? 0, "table")} read${took === undefined ? "" : ` in ${duration(took)}`}`;
  return `${read}; ${parts.length ? parts.join("; ") : "nothing changed"}.`;
}

function named(names: string[] | undefined, what: string): string {
  return names?.length ? `${what}: ${names.join(", ")}` : "";
}
