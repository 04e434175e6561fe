// Events of agents, and of language models that were called.
import type { Agent } from "../state.js";
import { double, type Handlers, maybeMilliseconds } from "./context.js";
import { put } from "./output.js";

const NEW: Omit<Agent, "name" | "step"> = {
  role: "",
  state: "running",
  text: "",
  partial: false,
  duration: undefined,
  citations: [],
};

export const agents: Handlers = {
  agentStarted: (state, { agent = "", role = "" }, on) =>
    put(state, "agents", `${on.step} ${agent}`, { ...NEW, name: agent, step: on.step, role }, on),

  agentCompleted(state, { agent = "", text = "", partial = false, duration, citations = [] }, on) {
    const key = `${on.step} ${agent}`;
    const before = state.agents.get(key) ?? { ...NEW, name: agent, step: on.step };
    const took = maybeMilliseconds(duration);
    return put(state, "agents", key, { ...before, state: "done", text, partial, duration: took, citations }, on);
  },

  agentInteraction(state, payload, on) {
    const interaction = {
      step: on.step,
      from: payload.fromAgent ?? "",
      to: payload.toAgent ?? "",
      query: payload.query ?? "",
      response: payload.response ?? "",
      duration: maybeMilliseconds(payload.duration) ?? 0,
      inputTokens: Number(payload.inputTokens ?? 0),
      outputTokens: Number(payload.outputTokens ?? 0),
      metadata: payload.metadata,
    };
    return put(state, "interactions", String(on.sequence), interaction, on);
  },

  // Not dropped with its attempt: it was made, and paid for, all the same.
  modelCalled(state, payload, on) {
    const call = {
      step: on.step,
      stepAttempt: on.attempt,
      provider: payload.provider ?? "",
      model: payload.model ?? "",
      role: payload.role ?? "",
      prompt: payload.prompt ?? "",
      response: payload.response ?? "",
      inputTokens: Number(payload.inputTokens ?? 0),
      outputTokens: Number(payload.outputTokens ?? 0),
      cachedTokens: Number(payload.cachedTokens ?? 0),
      costUsd: payload.costUsd === undefined ? undefined : double(payload.costUsd),
      duration: maybeMilliseconds(payload.duration) ?? 0,
      timeToFirstToken: maybeMilliseconds(payload.timeToFirstToken),
      finishReason: payload.finishReason ?? "",
      template: payload.template ?? "",
      attempt: payload.attempt ?? 1,
      problem: payload.problem ?? "",
      fromCache: payload.fromCache ?? false,
      estimated: payload.estimated ?? false,
      at: on.at,
    };
    return { ...state, modelCalls: state.modelCalls.set(String(on.sequence), call) };
  },
};
