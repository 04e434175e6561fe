/** What a person asks for, as a run's request. */
import type { RunRequestJson } from "@levada/client";
import { PARAMETERS, several, type Values } from "./parameters";

export type Analysis = "NONE" | "STANDARD" | "DEEP";

/** How a question is to be worked on. */
export interface Way {
  /** The kind of work; empty for whichever fits. */
  pipeline: string;
  /** What was chosen for that kind of work: see `parameters`. */
  values: Values;
  analysis: Analysis;
  /** Whether to plan only, running nothing. */
  dryRun: boolean;
  /** The model to use in place of the server's; empty for that one. */
  model: string;
}

export const USUAL: Way = { pipeline: "", values: {}, analysis: "STANDARD", dryRun: false, model: "" };

export interface Wish extends Way {
  question: string;
  /** None means: whichever answers it. */
  sources: readonly string[];
  approval: boolean;
  conversation: string;
}

export function request(wish: Wish): RunRequestJson {
  const { options, ...parameters } = asked(wish);
  return {
    question: wish.question.trim(),
    sources: [...wish.sources],
    conversationId: wish.conversation,
    ...(wish.pipeline ? { pipeline: wish.pipeline } : {}),
    options: {
      ...(wish.approval ? { requireApproval: true } : {}),
      ...(wish.analysis === "STANDARD" ? {} : { analyze: `ANALYSIS_${wish.analysis}` as const }),
      ...(wish.dryRun ? { dryRun: true } : {}),
      ...(wish.model ? { models: { default: wish.model } } : {}),
      ...options,
    },
    ...parameters,
  };
}

/** Return the part of the request that says what was chosen for the kind of work; what was not is left out. */
function asked({ pipeline, values }: Wish): Pick<RunRequestJson, "options" | "agents" | "assessment"> {
  const parts: { options: Record<string, unknown>; own: Record<string, unknown> } = { options: {}, own: {} };
  for (const parameter of PARAMETERS[pipeline] ?? []) {
    const { name, of, kind } = parameter;
    const value = kind === "list" ? several(parameter, values) : (values[name] ?? "").trim();
    if (value.length) parts[of][name] = kind === "number" ? Number(value) : value;
  }
  return {
    ...(Object.keys(parts.options).length ? { options: parts.options } : {}),
    ...(Object.keys(parts.own).length ? { [pipeline]: parts.own } : {}),
  };
}
