// What is to be said of the connection: nothing while it is there, and what is being done where it is not.

import { useEffect, useState } from "react";
import type { ConnectionState as Connection } from "../connection.js";
import { Interrupted } from "../errors.js";

export interface ConnectionStateProps {
  connection: Connection;
  /** Called when somebody does not want to wait for the next try. */
  onReconnect?: () => void;
}

/** Say how the reader of a run is connected, politely; an open connection is not worth a word. */
export function ConnectionState({ connection, onReconnect }: ConnectionStateProps) {
  const wait = useCountdown(connection.kind === "retrying" ? connection.at : undefined);
  const text = said(connection);
  const retryable = connection.kind === "retrying" || (connection.kind === "closed" && connection.error);
  return (
    <div role="status" className="levada-connection" data-kind={connection.kind}>
      {text ? (
        <p>
          {text}
          {/* Every second anew, which nobody wants to have read out. */}
          {wait > 0 ? <span aria-hidden="true"> in {wait} s</span> : null}{" "}
          {retryable && onReconnect ? (
            <button type="button" className="levada-button levada-quiet" onClick={onReconnect}>
              Try now
            </button>
          ) : null}
        </p>
      ) : null}
    </div>
  );
}

function said(connection: Connection): string {
  switch (connection.kind) {
    case "connecting":
      return "Connecting…";
    case "open":
      return "";
    case "retrying":
      // Not lost, but not given: as many streams are open as this user may have.
      if (connection.why.status === 429) return "Too many runs are watched at once. Close some, or wait for a place…";
      return "Connection lost, retrying…";
    case "polling":
      return "Streams are blocked or all taken, so news is asked for every now and then.";
    case "paused":
      return "Paused while nobody looks. Nothing is lost.";
    case "closed":
      return connection.error ? ending(connection.error) : "";
  }
}

function ending(error: Error): string {
  if (!(error instanceof Interrupted)) return error.message;
  return "Interrupted: the connection was cut before the run ended. The run itself goes on.";
}

function useCountdown(at: number | undefined): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (at === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [at]);
  return at === undefined ? 0 : Math.ceil((at - now) / 1000);
}
