/** One call of a language model: the whole prompt, the whole response, and what they cost. */

import type { ModelCall } from "@levada/client";
import { count, dollars, duration } from "@levada/client/react";

export function CallCard({ call }: { call: ModelCall }) {
  return (
    <section className="call-card" data-failed={call.problem ? true : undefined} aria-label={`Call of ${call.model}`}>
      <header>
        <strong>{call.model || call.provider}</strong> <span className="quiet">{facts(call).join(" · ")}</span>
      </header>
      {call.problem ? <p className="wrong">{call.problem}</p> : null}
      <details open>
        <summary>Prompt, {count(call.prompt.length, "character")}</summary>
        <Long text={call.prompt} />
      </details>
      <details open>
        <summary>Response, {count(call.response.length, "character")}</summary>
        <Long text={call.response} />
      </details>
    </section>
  );
}

function Long({ text }: { text: string }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
  return <pre tabIndex={0}>{text}</pre>;
}

function facts(call: ModelCall): string[] {
  const about = call.estimated ? "about " : "";
  return [
    call.role,
    call.template,
    `step attempt ${call.stepAttempt}, try ${call.attempt}`,
    `${about}${call.inputTokens.toLocaleString("en")} tokens in, ${call.outputTokens.toLocaleString("en")} out`,
    call.cachedTokens ? `${call.cachedTokens.toLocaleString("en")} from the vendor's cache` : "",
    call.costUsd === undefined ? "cost unknown" : about + dollars(call.costUsd),
    `${duration(call.duration)}${call.timeToFirstToken === undefined ? "" : `, first token after ${duration(call.timeToFirstToken)}`}`,
    call.fromCache ? "kept answer of an earlier call" : "",
    call.finishReason && `stopped: ${call.finishReason}`,
  ].filter((fact): fact is string => Boolean(fact));
}
