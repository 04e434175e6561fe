/** Which sources to ask: none chosen means whichever answers it. Not shown where there is no choice. */
import { useLevada } from "@levada/client/react";
import { useLoaded } from "../shell/loading";
import { Menu } from "../shell/menu";

interface SourceChoiceProps {
  chosen: readonly string[];
  choose: (sources: readonly string[]) => void;
}

export function SourceChoice({ chosen, choose }: SourceChoiceProps) {
  const client = useLevada();
  const { value: sources } = useLoaded(() => client.sources(), "sources");
  if (!sources || sources.length < 2) return null;
  const toggle = (name: string) =>
    choose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
  return (
    <Menu label={chosen.length ? `Ask ${chosen.join(", ")}` : "Ask whichever knows"} icon="sources">
      <fieldset className="choices">
        <legend>Sources to ask</legend>
        <label>
          <input type="checkbox" checked={!chosen.length} onChange={() => choose([])} />
          <span>Whichever answers it</span>
        </label>
        {sources.map(({ name = "", description, state, problem }) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            <span>
              {name}
              <span className="quiet block">{state === "SOURCE_STATE_UNAVAILABLE" ? `⚠ ${problem}` : description}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}
