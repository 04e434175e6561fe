// What the attempts of steps said: taken down as it comes, dropped when the attempt is superseded.
import { Collection } from "../collection.js";
import type { Output, OutputKind, Plan, RunState } from "../state.js";
import type { Context } from "./context.js";

/** The collections of a state whose things are some step's output. */
type Kept = Exclude<OutputKind, "followUps" | "operations">;
type Item<Kind extends Kept> = RunState[Kind] extends Collection<infer Thing> ? Thing : never;

export const NO_PLAN: Plan = { description: "", validated: false, estimate: undefined, operations: Collection.empty() };

/** Put *thing* among the run's things of that *kind*, as output of the step that the event came from. */
export function put<Kind extends Kept>(
  state: RunState,
  kind: Kind,
  key: string,
  thing: Item<Kind>,
  on: Context,
): RunState {
  const things = state[kind] as unknown as Collection<Item<Kind>>;
  const known = things.has(key);
  const changed = { ...state, [kind]: things.set(key, thing) };
  return known ? changed : noted(changed, kind, key, on);
}

/** Note that the step said something, so that it can be dropped. */
export function noted(state: RunState, kind: OutputKind, key: string, { step, attempt }: Context): RunState {
  const before = state.said.get(step)?.output;
  return { ...state, said: state.said.set(step, { attempt, output: { kind, key, before } }) };
}

/** Take *attempt* of a step for its current one, without what earlier ones said. */
export function superseded(state: RunState, step: string, attempt: number): RunState {
  const dropped = withoutOutput(state, step);
  return { ...dropped, said: dropped.said.set(step, { attempt, output: undefined }) };
}

/** Drop what the step's current attempt said. */
export function withoutOutput(state: RunState, step: string): RunState {
  const said = state.said.get(step);
  if (!said?.output) return state;
  const changed: { -readonly [Name in keyof RunState]: RunState[Name] } = { ...state };
  for (let output: Output | undefined = said.output; output; output = output.before) drop(changed, output, step);
  changed.said = state.said.set(step, { attempt: said.attempt, output: undefined });
  return changed;
}

function drop(state: { -readonly [Name in keyof RunState]: RunState[Name] }, output: Output, step: string): void {
  if (output.kind === "followUps") {
    state.followUps = [];
  } else if (output.kind === "operations") {
    const operations = without(state.plan.operations, output.key, step);
    state.plan = operations.size ? { ...state.plan, operations } : { ...NO_PLAN, operations };
  } else {
    const things: Collection<{ step: string }> = state[output.kind];
    Object.assign(state, { [output.kind]: without(things, output.key, step) });
  }
}

// Another step may have put its own thing under the key meanwhile.
function without<Thing extends { readonly step: string }>(things: Collection<Thing>, key: string, step: string) {
  return things.get(key)?.step === step ? things.delete(key) : things;
}
