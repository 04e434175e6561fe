/** One thing that can be chosen for a kind of work: from what the server offers, or written where it offers nothing. */
import { useId } from "react";
import { Menu } from "../shell/menu";
import { type Choice, type Parameter, several, type Values } from "./parameters";

interface ParameterFieldProps {
  parameter: Parameter;
  /** What the server says can be given for it. */
  choices: readonly Choice[];
  values: Values;
  set: (value: string) => void;
}

export function ParameterField({ parameter, choices, values, set }: ParameterFieldProps) {
  const id = useId();
  if (parameter.kind === "list" && choices.length) return <Several {...{ parameter, choices, values, set }} />;
  const value = values[parameter.name] ?? "";
  return (
    <span className="parameter">
      <label className="quiet" htmlFor={id}>
        {parameter.label}
      </label>
      {choices.length ? (
        <select id={id} className="field" value={value} onChange={(event) => set(event.target.value)}>
          {parameter.hint ? <option value="">{parameter.hint}</option> : null}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <Written {...{ id, parameter, value, set }} />
      )}
    </span>
  );
}

interface WrittenProps extends Pick<ParameterFieldProps, "parameter" | "set"> {
  id: string;
  value: string;
}

function Written({ id, parameter: { kind, hint, least, most }, value, set }: WrittenProps) {
  return (
    <input
      id={id}
      className="field"
      title={hint}
      type={kind === "number" ? "number" : "text"}
      min={least}
      max={most}
      placeholder={hint}
      value={value}
      onChange={(event) => set(event.target.value)}
    />
  );
}

/** As many as one likes, each with what it is good for. */
function Several({ parameter, choices, values, set }: ParameterFieldProps) {
  const { label, hint, besides = "" } = parameter;
  const chosen = several(parameter, values);
  const toggle = (value: string) =>
    set((chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]).join(","));
  const names = choices.filter(({ value }) => chosen.includes(value)).map((choice) => choice.label);
  return (
    <span className="parameter">
      <span className="quiet" aria-hidden="true">
        {label}
      </span>
      <Menu label={names.join(", ") || hint} name={label}>
        <fieldset className="choices">
          <legend>{label}</legend>
          {choices.map(({ value, label: called, told }) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                disabled={value === values[besides]}
                onChange={() => toggle(value)}
              />
              <span>
                {called}
                {told ? <span className="quiet block">{told}</span> : null}
              </span>
            </label>
          ))}
        </fieldset>
      </Menu>
    </span>
  );
}
