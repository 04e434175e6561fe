/** How a question is to be worked on. What is about the person, not the question, is remembered. */
import { Menu } from "../shell/menu";
import { prefer, usePreferences } from "../shell/preferences";
import type { Analysis } from "./request";

interface OptionsProps {
  analysis: Analysis;
  setAnalysis: (analysis: Analysis) => void;
  dryRun: boolean;
  setDryRun: (dryRun: boolean) => void;
}

const ANALYSES: readonly { value: Analysis; label: string }[] = [
  { value: "STANDARD", label: "Findings and a chart" },
  { value: "NONE", label: "Rows only" },
  { value: "DEEP", label: "A model looks further" },
];

export function Options({ analysis, setAnalysis, dryRun, setDryRun }: OptionsProps) {
  const { approval, streaming } = usePreferences();
  return (
    <Menu label={approval ? "Query shown first" : "Options"} icon="steps">
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
        <Switch checked={dryRun} set={setDryRun} label="Only plan it, run nothing" />
      </fieldset>
      <fieldset className="choices">
        <legend>What to make of the rows</legend>
        {ANALYSES.map(({ value, label }) => (
          <label key={value}>
            <input type="radio" name="analysis" checked={analysis === value} onChange={() => setAnalysis(value)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
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
