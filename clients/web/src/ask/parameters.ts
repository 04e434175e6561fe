/** What can be chosen for each kind of work, beyond what holds for all: names are the contract's. */
import type { ParameterChoicesJson } from "@levada/client";

/** What was chosen, by name, of several with commas between; an empty text leaves it to the server. */
export type Values = Readonly<Record<string, string>>;

export interface Parameter {
  readonly name: string;
  /** Whether it is an option of the run, or a parameter of the pipeline's own. */
  readonly of: "options" | "own";
  /** A choice is only there when the server says what from; texts and lists can be written, too. */
  readonly kind: "number" | "choice" | "text" | "list";
  readonly label: string;
  /** What happens when nothing is chosen; empty where that is the first of the choices. */
  readonly hint: string;
  readonly least?: number;
  readonly most?: number;
  /** The parameter whose value can't be given here as well. */
  readonly besides?: string;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly told: string;
}

export const PARAMETERS: Readonly<Record<string, readonly Parameter[]>> = {
  research: [
    { name: "breadth", of: "options", kind: "number", label: "Breadth", hint: "tasks at once", least: 1, most: 10 },
    { name: "depth", of: "options", kind: "number", label: "Depth", hint: "rounds at most", least: 1, most: 20 },
  ],
  agents: [
    { name: "mode", of: "own", kind: "choice", label: "How they work together", hint: "" },
    { name: "primaryAgent", of: "own", kind: "text", label: "Who answers", hint: "who fits best" },
    {
      name: "supportingAgents",
      of: "own",
      kind: "list",
      label: "Who helps",
      hint: "who fits",
      besides: "primaryAgent",
    },
  ],
  assessment: [
    { name: "difficulty", of: "own", kind: "choice", label: "Difficulty", hint: "any" },
    { name: "subTopic", of: "own", kind: "text", label: "Sub-topic", hint: "any" },
    { name: "maxAttempts", of: "options", kind: "number", label: "Attempts", hint: "at most", least: 1, most: 5 },
    { name: "seed", of: "own", kind: "text", label: "Seed of the choice", hint: "a random one" },
  ],
};

/** Return what the server says can be given for *parameter*; nothing where it says nothing. */
export function choicesFor({ name }: Parameter, served: readonly ParameterChoicesJson[]): readonly Choice[] {
  const there = served.find((each) => nameOf(each) === name)?.options ?? [];
  return there.map(({ value = "", label, description }) => ({ value, label: label || value, told: description ?? "" }));
}

/** Return the several values that were chosen for *parameter*, without what was chosen elsewhere. */
export function several({ name, besides = "" }: Parameter, values: Values): readonly string[] {
  const words = (values[name] ?? "").split(",").map((word) => word.trim());
  return words.filter((word) => word && word !== values[besides]);
}

// "agents.primary_agent" is primaryAgent in JSON.
function nameOf({ parameter = "" }: ParameterChoicesJson): string {
  const name = parameter.slice(parameter.indexOf(".") + 1);
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Return the kind of work for what is asked next: agents go on talking, a report's reader has a question of its own. */
export function nextKind(pipeline = ""): string {
  return PARAMETERS[pipeline] && pipeline !== "research" ? pipeline : "";
}

/** What a kind of work is asked in place of a question. */
export const INVITATIONS: Readonly<Record<string, string>> = {
  research: "What is to be found out? For instance “Why did revenue change?”",
  agents: "What should they discuss?",
  assessment: "A topic, for instance “Sorting algorithms”",
};
