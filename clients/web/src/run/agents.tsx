/** Agents at work: who, in which role, what each said, and what they asked each other. */
import type { Agent, Interaction, RunState } from "@levada/client";
import { Answer, duration } from "@levada/client/react";

export function Agents({ state }: { state: RunState }) {
  if (!state.agents.size) return null;
  return (
    <section className="agents" aria-label="Agents">
      <h3>Agents</h3>
      <ul>
        {state.agents.values().map((agent) => (
          <AgentItem
            key={`${agent.step} ${agent.name}`}
            agent={agent}
            asked={state.interactions.values().filter(({ from, step }) => from === agent.name && step === agent.step)}
          />
        ))}
      </ul>
    </section>
  );
}

function AgentItem({ agent, asked }: { agent: Agent; asked: readonly Interaction[] }) {
  const took = agent.duration === undefined ? "" : duration(agent.duration);
  const state = agent.state === "running" ? "at work…" : agent.partial ? `cut short, ${took}` : `✓ ${took}`;
  return (
    <li data-state={agent.state} data-partial={agent.partial || undefined}>
      <strong>{agent.name}</strong> <span className="badge">{agent.role}</span> <span className="quiet">{state}</span>
      {asked.map((each) => (
        <details key={`${each.to} ${each.query}`}>
          <summary className="quiet">
            asked {each.to}: {each.query}
          </summary>
          <Answer text={each.response} />
        </details>
      ))}
      {agent.text ? (
        <details>
          <summary className="quiet">What it said</summary>
          <Answer text={agent.text} />
          {agent.citations.length ? <p className="quiet">Drew on {agent.citations.join(", ")}.</p> : null}
        </details>
      ) : null}
    </li>
  );
}
