/** Agents at work, side by side: who, in which role, what each says as it says it, and who asked whom. */
import { type Agent, contributionsOf, currentSteps, type Interaction, isWithin, type RunState } from "@levada/client";
import { Answer, count, duration } from "@levada/client/react";

export function Agents({ state }: { state: RunState }) {
  if (!state.agents.size) return null;
  const agents = state.agents.values();
  const beside = agents.filter(helps).length > 1;
  const working = agents.filter((agent) => agent.state === "running" && !state.end).length;
  return (
    <section className="agents" aria-label="Agents">
      <h2>
        Agents <span className="quiet">{working ? `${working} at work` : ""}</span>
      </h2>
      <ul className="agent-cards">
        {agents.map((agent) => (
          <AgentCard key={`${agent.step} ${agent.name}`} agent={agent} alone={!beside || !helps(agent)} state={state} />
        ))}
      </ul>
      <Asked interactions={state.interactions.values()} />
    </section>
  );
}

function helps({ role }: Agent): boolean {
  return role === "supporting";
}

function AgentCard({ agent, alone, state }: { agent: Agent; alone: boolean; state: RunState }) {
  const live = agent.state === "running" && !state.end;
  const now = live ? currentSteps(state).find(({ path }) => isWithin(path, agent.step)) : undefined;
  const text = words(agent, state);
  return (
    <li
      className="card agent-card"
      data-state={live ? "running" : agent.state}
      data-partial={agent.partial || undefined}
      data-alone={alone || undefined}
      aria-label={agent.name}
    >
      <header>
        <strong>{agent.name}</strong> <span className="badge">{agent.role}</span>
        <span className="quiet">{how(agent, live)}</span>
      </header>
      {live ? <p className="quiet">{now?.note || now?.title || "At work…"}</p> : null}
      {text ? <Answer text={text} writing={live} /> : null}
      {agent.citations.length ? (
        <details>
          <summary className="quiet">Drew on {count(agent.citations.length, "source")}</summary>
          <ul className="agent-sources">
            {agent.citations.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  );
}

function how({ state, partial, duration: took }: Agent, live: boolean): string {
  if (live) return "at work…";
  if (state === "running") return "stopped";
  return [partial ? "cut short" : "✓", took === undefined ? "" : duration(took)].filter(Boolean).join(" ");
}

/** What an agent said, else what it was told by what it asked, which its own words hold anyway; of the one that answers, the answer stands above. */
function words(agent: Agent, state: RunState): string {
  const said = contributionsOf(state, agent.step);
  const own = said.filter(({ step }) => step === agent.step);
  const streamed = (own.length ? own : said).map(({ text }) => text).join("\n\n");
  const answer = state.texts.get(`${agent.step} answer`)?.text ?? "";
  return answer ? "" : agent.text || streamed;
}

function Asked({ interactions }: { interactions: readonly Interaction[] }) {
  if (!interactions.length) return null;
  return (
    <section className="asked" aria-label="Who asked whom">
      <h3>Who asked whom</h3>
      <ol>
        {interactions.map((each, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they only ever become more
          <li key={place}>
            <details>
              <summary>
                <strong>{each.from}</strong> → <strong>{each.to}</strong> <span className="quiet">{each.query}</span>
              </summary>
              <Answer text={each.response} />
              <p className="quiet">{cost(each)}</p>
              {each.metadata ? <pre className="json">{JSON.stringify(each.metadata, null, 2)}</pre> : null}
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

function cost({ duration: took, inputTokens, outputTokens }: Interaction): string {
  const tokens = inputTokens + outputTokens;
  return [duration(took), tokens ? `${inputTokens} tokens read, ${outputTokens} written` : ""]
    .filter(Boolean)
    .join(" · ");
}
