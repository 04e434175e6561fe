/** How a question is to be worked on. What is about the person, not the question, is remembered. */
import { useLevada } from "@levada/client/react";
import { useLoaded } from "../shell/loading";
import { Menu } from "../shell/menu";
import { prefer, usePreferences } from "../shell/preferences";
import type { Analysis, Way } from "./request";

interface OptionsProps {
  way: Way;
  setWay: (way: Way) => void;
}

const ANALYSES: readonly { value: Analysis; label: string }[] = [
  { value: "STANDARD", label: "Findings and a chart" },
  { value: "NONE", label: "Rows only" },
  { value: "DEEP", label: "A model looks further" },
];

export function Options({ way, setWay }: OptionsProps) {
  const { approval, streaming } = usePreferences();
  return (
    <Menu label={approval ? "Query shown first" : "Options"} icon="options">
      <fieldset className="choices">
        <legend>Options</legend>
        <Switch
          checked={approval}
          set={(value) => prefer({ approval: value })}
          label="Show me the query before it runs"
        />
        <Switch
          checked={streaming}
          set={(value) => prefer({ streaming: value })}
          label="Show the work while it is done"
        />
        <Switch checked={way.dryRun} set={(dryRun) => setWay({ ...way, dryRun })} label="Only plan it, run nothing" />
      </fieldset>
      <fieldset className="choices">
        <legend>What to make of the rows</legend>
        {ANALYSES.map(({ value, label }) => (
          <label key={value}>
            <input
              type="radio"
              name="analysis"
              checked={way.analysis === value}
              onChange={() => setWay({ ...way, analysis: value })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <ModelChoice chosen={way.model} choose={(model) => setWay({ ...way, model })} />
    </Menu>
  );
}

function Switch({ checked, set, label }: { checked: boolean; set: (value: boolean) => void; label: string }) {
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={(event) => set(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** Not shown where there is no choice. */
function ModelChoice({ chosen, choose }: { chosen: string; choose: (model: string) => void }) {
  const client = useLevada();
  const { value: models } = useLoaded(() => client.models(), "models");
  if (!models || models.length < 2) return null;
  return (
    <label>
      <span className="quiet block">Model</span>
      <select className="field" value={chosen} onChange={(event) => choose(event.target.value)}>
        <option value="">As the server has it</option>
        {models.map(({ name, problem }) => (
          <option key={name} value={name} disabled={Boolean(problem)}>
            {name}
            {problem ? ` (${problem})` : ""}
          </option>
        ))}
      </select>
    </label>
  );
}
