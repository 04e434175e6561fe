/** What a person asks for, as a run's request. */
import type { RunRequestJson } from "@levada/client";

export type Analysis = "NONE" | "STANDARD" | "DEEP";

export interface Wish {
  question: string;
  /** None means: whichever answers it. */
  sources: readonly string[];
  approval: boolean;
  analysis: Analysis;
  /** Whether to plan only, running nothing. */
  dryRun: boolean;
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
    },
  };
}
