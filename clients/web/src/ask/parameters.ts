/** What can be chosen for each kind of work, beyond what holds for all: names are the contract's. */
import type { ParameterChoicesJson } from "@levada/client";

/** What was chosen, by name; an empty text leaves it to the server. */
export type Values = Readonly<Record<string, string>>;

export interface Parameter {
  readonly name: string;
  /** Whether it is an option of the run, or a parameter of the pipeline's own. */
  readonly of: "options" | "own";
  readonly kind: "number" | "choice" | "text" | "list";
  readonly label: string;
  readonly hint: string;
  readonly least?: number;
  readonly most?: number;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

export const PARAMETERS: Readonly<Record<string, readonly Parameter[]>> = {
  research: [
    { name: "breadth", of: "options", kind: "number", label: "Breadth", hint: "tasks at once", least: 1, most: 10 },
    { name: "depth", of: "options", kind: "number", label: "Depth", hint: "rounds at most", least: 1, most: 20 },
  ],
  agents: [
    {
      name: "mode",
      of: "own",
      kind: "choice",
      label: "How they work together",
      hint: "",
      choices: [
        { value: "", label: "Together, then one answers" },
        { value: "AGENTS_MODE_SEQUENTIAL", label: "One after the other" },
        { value: "AGENTS_MODE_PARALLEL", label: "Each on its own" },
        { value: "AGENTS_MODE_DEBATE", label: "In debate" },
      ],
    },
    { name: "primaryAgent", of: "own", kind: "text", label: "Who answers", hint: "who fits best" },
    {
      name: "supportingAgents",
      of: "own",
      kind: "list",
      label: "Who helps",
      hint: "names, or who fits",
    },
  ],
  assessment: [
    {
      name: "difficulty",
      of: "own",
      kind: "choice",
      label: "Difficulty",
      hint: "",
      choices: ["", "Beginner", "Intermediate", "Advanced"].map((value) => ({ value, label: value || "Any" })),
    },
    { name: "subTopic", of: "own", kind: "text", label: "Sub-topic", hint: "any" },
    { name: "maxAttempts", of: "options", kind: "number", label: "Attempts", hint: "at most", least: 1, most: 5 },
    { name: "seed", of: "own", kind: "text", label: "Seed of the choice", hint: "a random one" },
  ],
};

/** Return *parameter* with what the server says can be given for it: to be picked from, or the names of a list. */
export function withServed(parameter: Parameter, served: readonly ParameterChoicesJson[]): Parameter {
  const there = served.find((each) => nameOf(each) === parameter.name)?.options ?? [];
  if (!there.length || parameter.kind === "choice") return parameter;
  if (parameter.kind === "list") return { ...parameter, hint: there.map(({ value }) => value).join(", ") };
  const choices = there.map(({ value = "", label }) => ({ value, label: label || value }));
  return { ...parameter, kind: "choice", choices: [{ value: "", label: parameter.hint }, ...choices] };
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
