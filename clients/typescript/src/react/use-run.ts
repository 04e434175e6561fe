// One run, followed: what it looks like now, and how to steer it.

import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { RunStore, Snapshot, StoreOptions } from "../api.js";
import { useLevada } from "./provider.js";

/** A run as it is now, with its store to steer it by. */
export interface FollowedRun extends Snapshot {
  readonly store: RunStore;
}

const NONE = () => undefined;
const NO_SUBSCRIPTION = () => NONE;

/**
 * Follow a run by its id; undefined while there is none to follow. Components that follow the same run share its
 * store. Drawn at most once per animation frame, however many events come.
 */
export function useRun(runId: string, options?: StoreOptions): FollowedRun;
export function useRun(runId: string | undefined, options?: StoreOptions): FollowedRun | undefined;
export function useRun(runId: string | undefined, options: StoreOptions = {}): FollowedRun | undefined {
  const client = useLevada();
  const pauseWhenHidden = options.pauseWhenHidden ?? false;
  const store = useMemo(
    () => (runId ? client.open(runId, { pauseWhenHidden }) : undefined),
    [client, runId, pauseWhenHidden],
  );
  return useStore(store);
}

/** Follow a run whose store is at hand, for instance from `client.ask`. */
export function useStore(store: RunStore): FollowedRun;
export function useStore(store: RunStore | undefined): FollowedRun | undefined;
export function useStore(store: RunStore | undefined): FollowedRun | undefined {
  const read = useCallback(() => store?.getSnapshot(), [store]);
  const snapshot = useSyncExternalStore(store?.subscribe ?? NO_SUBSCRIPTION, read, read);
  return useMemo(() => (store && snapshot ? { ...snapshot, store } : undefined), [store, snapshot]);
}
