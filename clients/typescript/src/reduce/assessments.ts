// Events of making exercises: what was looked at in what each step made, and what came of it all.
import type { AssessmentJson } from "../levada/v1/event_pb.js";
import type { Exercise } from "../state.js";
import { double, type Handlers } from "./context.js";
import { put } from "./output.js";

export const assessments: Handlers = {
  qualityChecked(state, { checks = [] }, on) {
    const looked = checks.map(({ name = "", passed = false, message = "" }) => ({ name, passed, message }));
    return put(state, "qualities", on.step, { step: on.step, checks: looked }, on);
  },

  assessmentEnded: (state, payload) => ({
    ...state,
    assessment: {
      success: payload.success ?? false,
      differentiationAchieved: payload.differentiationAchieved ?? false,
      totalAttempts: payload.totalAttempts ?? 0,
      stoppedAtStep: payload.stoppedAtStep ?? 0,
      qualityScore: double(payload.qualityScore),
      difficulty: payload.difficulty ?? "",
      subTopic: payload.subTopic ?? "",
      exercise: payload.assessment && exercise(payload.assessment),
      message: payload.message ?? "",
    },
  }),
};

function exercise({
  title = "",
  difficulty = "",
  contentType = "",
  content = [],
  errors = [],
}: AssessmentJson): Exercise {
  const described = errors.map(({ id = "", description = "" }) => ({ id, description }));
  return { title, difficulty, contentType, content, errors: described };
}
