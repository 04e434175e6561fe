// Finished runs that were looked at, kept for a while: bounded by how many there are and how large their tables are.
import type { RunState } from "./state.js";

export class RunCache {
  readonly #mostCells: number;
  readonly #mostRuns: number;
  // In the order in which they were last used, the oldest first.
  readonly #runs = new Map<string, RunState>();
  #cells = 0;

  constructor({ mostCells = 2_000_000, mostRuns = 50 } = {}) {
    this.#mostCells = mostCells;
    this.#mostRuns = mostRuns;
  }

  get(runId: string): RunState | undefined {
    const state = this.#runs.get(runId);
    if (state) {
      this.#runs.delete(runId);
      this.#runs.set(runId, state);
    }
    return state;
  }

  put(state: RunState): void {
    this.delete(state.runId);
    this.#runs.set(state.runId, state);
    this.#cells += cellsOf(state);
    for (const runId of this.#runs.keys()) {
      if (this.#cells <= this.#mostCells && this.#runs.size <= this.#mostRuns) return;
      this.delete(runId);
    }
  }

  delete(runId: string): void {
    const state = this.#runs.get(runId);
    if (!state) return;
    this.#runs.delete(runId);
    this.#cells -= cellsOf(state);
  }

  clear(): void {
    this.#runs.clear();
    this.#cells = 0;
  }

  get size(): number {
    return this.#runs.size;
  }
}

function cellsOf(state: RunState): number {
  return state.tables.values().reduce((sum, table) => sum + table.rowCount * table.columns.length, 0);
}
