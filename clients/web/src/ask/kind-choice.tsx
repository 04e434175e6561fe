/** What kind of work is to be done: one answer, research, agents, an exercise; and what can be chosen for it. */
import type { ParameterChoicesJson } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { useLoaded } from "../shell/loading";
import { Menu } from "../shell/menu";
import { ParameterField } from "./parameter-field";
import { choicesFor, PARAMETERS } from "./parameters";
import type { Way } from "./request";

interface KindChoiceProps {
  way: Way;
  setWay: (way: Way) => void;
}

export function KindChoice({ way, setWay }: KindChoiceProps) {
  const client = useLevada();
  const { value: pipelines } = useLoaded(() => client.pipelines(), "pipelines");
  if (!pipelines || pipelines.length < 2) return null;
  const chosen = pipelines.find(({ name }) => name === way.pipeline);
  const choose = (pipeline: string) => setWay({ ...way, pipeline, values: {} });
  return (
    <>
      <Menu label={chosen?.title ?? (way.pipeline || "Whatever fits")} icon="kind">
        <fieldset className="choices">
          <legend>What kind of work</legend>
          <Kind checked={!way.pipeline} choose={() => choose("")} title="Whatever fits" />
          {pipelines.map((pipeline) => (
            <Kind
              key={pipeline.name}
              checked={pipeline.name === way.pipeline}
              choose={() => choose(pipeline.name ?? "")}
              title={pipeline.title ?? pipeline.name ?? ""}
              told={pipeline.description?.replaceAll("`", "")}
              model={pipeline.needsModel}
            />
          ))}
        </fieldset>
      </Menu>
      <Parameters way={way} setWay={setWay} served={chosen?.choices ?? []} />
    </>
  );
}

interface KindProps {
  checked: boolean;
  choose: () => void;
  title: string;
  told?: string | undefined;
  /** Whether it needs a language model. */
  model?: boolean | undefined;
}

function Kind({ checked, choose, title, told, model }: KindProps) {
  return (
    <label>
      <input type="radio" name="kind" checked={checked} onChange={choose} />
      <span>
        {title} {model ? <span className="badge">needs a model</span> : null}
        {told ? <span className="quiet block">{told}</span> : null}
      </span>
    </label>
  );
}

interface ParametersProps extends KindChoiceProps {
  /** What the server says can be given for them. */
  served: readonly ParameterChoicesJson[];
}

/** A field for each thing that can be chosen; nothing for kinds of work that leave no choice. */
function Parameters({ way, setWay, served }: ParametersProps) {
  const parameters = PARAMETERS[way.pipeline];
  if (!parameters) return null;
  const offered = parameters.map((parameter) => ({ parameter, choices: choicesFor(parameter, served) }));
  return (
    <fieldset className="parameters">
      <legend className="unseen">How it is to be done</legend>
      {offered
        .filter(({ parameter, choices }) => parameter.kind !== "choice" || choices.length)
        .map(({ parameter, choices }) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            choices={choices}
            values={way.values}
            set={(value) => setWay({ ...way, values: { ...way.values, [parameter.name]: value } })}
          />
        ))}
    </fieldset>
  );
}
