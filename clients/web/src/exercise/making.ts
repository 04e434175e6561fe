/** How something was made, read off a run: each of its steps with all of its attempts. */
import { homeOf, type RunState, type Step, stepsOf } from "@levada/client";

export interface Made {
  /** The step's name without the number of its repetition. */
  readonly name: string;
  readonly rounds: readonly Step[];
}

/** Return whether a run makes an exercise, as far as it told. */
export function makesExercise({ assessment, qualities, tasks, agents }: RunState): boolean {
  return assessment !== undefined || (qualities.size > 0 && !tasks.size && !agents.size);
}

/** Return the run's own steps in their usual order, those that are repeated ("judge#2") with their first. */
export function madeOf(state: RunState): readonly Made[] {
  const made = new Map<string, Step[]>();
  for (const step of stepsOf(state)) {
    if (homeOf(step.path) || (step.conditional && step.state === "pending")) continue;
    const name = step.path.replace(/#\d+$/, "");
    made.set(name, [...(made.get(name) ?? []), step]);
  }
  return [...made].map(([name, rounds]) => ({ name, rounds }));
}
