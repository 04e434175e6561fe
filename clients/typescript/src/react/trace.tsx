// Where a run's time went, as a waterfall: steps, and in them model calls and queries.

import { type CSSProperties, memo, useMemo } from "react";
import type { ModelCall, RunState } from "../state.js";
import { Code } from "./code.js";
import { FactList } from "./fact-list.js";
import { useClock } from "./use-clock.js";
import { extentOf, type Span, spansOf, ticks } from "./waterfall.js";
import { duration } from "./words.js";

export interface TraceProps {
  state: RunState;
}

/** Show what took how long. A model call opens to its prompt and response, for callers who were told of them. */
export function Trace({ state }: TraceProps) {
  const extent = extentOf(state, useClock(state));
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are all that spans are made of
  const spans = useMemo(
    () => spansOf(state),
    [state.runId, state.begun, state.modelCalls, state.plan.operations, state.createdAt],
  );
  return (
    <section className="levada-trace" aria-label="Where the time went">
      <div className="levada-axis" aria-hidden="true">
        {ticks(extent).map((tick) => (
          <span key={tick} style={{ insetInlineStart: `${(tick / extent) * 100}%` }}>
            {duration(tick)}
          </span>
        ))}
      </div>
      <ol>
        {spans.map((span) => (
          <li key={span.key} data-kind={span.kind} data-depth={Math.min(4, span.depth)}>
            {span.call ? (
              <details>
                <summary>
                  <Line span={span} extent={extent} over={state.end !== undefined} />
                </summary>
                <Call call={span.call} />
              </details>
            ) : (
              <Line span={span} extent={extent} over={state.end !== undefined} />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Line({ span, extent, over }: { span: Span; extent: number; over: boolean }) {
  const running = span.duration === undefined;
  const length = span.duration ?? Math.max(0, extent - span.start);
  const place = { "--levada-start": share(span.start, extent), "--levada-length": share(length, extent) };
  return (
    <span className="levada-span">
      <span className="levada-span-label" title={span.facts || undefined}>
        {span.label} {span.facts ? <small>{span.facts}</small> : null}
      </span>
      <span className="levada-track" aria-hidden="true">
        <span
          data-category={span.category}
          data-failed={span.failed || undefined}
          data-running={(running && !over) || undefined}
          style={place as CSSProperties}
        />
      </span>
      <span className="levada-span-time">{running ? (over ? "stopped" : "running") : duration(length)}</span>
    </span>
  );
}

function share(time: number, extent: number): string {
  return `${Math.min(100, (time / extent) * 100).toFixed(3)}%`;
}

const Call = memo(function Call({ call }: { call: ModelCall }) {
  const facts: [string, string][] = [
    ["Model", [call.provider, call.model].filter(Boolean).join(" ")],
    ["Template", call.template],
    ["Time to first token", call.timeToFirstToken === undefined ? "" : duration(call.timeToFirstToken)],
    ["From the vendor's cache", call.cachedTokens > 0 ? `${call.cachedTokens.toLocaleString("en")} tokens` : ""],
    ["Stopped because of", call.finishReason],
    ["Went wrong", call.problem],
  ];
  return (
    <div className="levada-call">
      <FactList facts={facts} />
      <h4>Prompt</h4>
      <Code language="" text={call.prompt} />
      <h4>Response</h4>
      <Code language={/^\s*[[{]/.test(call.response) ? "json" : ""} text={call.response} />
    </div>
  );
});
