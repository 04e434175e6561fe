/** What a person asks for, as a run's request. */
import type { RunRequestJson } from "@levada/client";

export type Analysis = "NONE" | "STANDARD" | "DEEP";

/** How a question is to be worked on. */
export interface Way {
  analysis: Analysis;
  /** Whether to plan only, running nothing. */
  dryRun: boolean;
  /** The model to use in place of the server's; empty for that one. */
  model: string;
}

export const USUAL: Way = { analysis: "STANDARD", dryRun: false, model: "" };

export interface Wish extends Way {
  question: string;
  /** None means: whichever answers it. */
  sources: readonly string[];
  approval: boolean;
  conversation: string;
}

export function request(wish: Wish): RunRequestJson {
  return {
    question: wish.question.trim(),
    sources: [...wish.sources],
    conversationId: wish.conversation,
    options: {
      ...(wish.approval ? { requireApproval: true } : {}),
      ...(wish.analysis === "STANDARD" ? {} : { analyze: `ANALYSIS_${wish.analysis}` as const }),
      ...(wish.dryRun ? { dryRun: true } : {}),
      ...(wish.model ? { models: { default: wish.model } } : {}),
    },
  };
}
