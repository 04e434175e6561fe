// Levada for React: hooks that follow runs, and components that show them. Styles are in `styles.css`.

export { Answer, type AnswerProps } from "./answer.js";
export { Chart, type ChartHandle, type ChartProps } from "./chart/chart.js";
export { CitationsProvider, type Cite } from "./citations.js";
export { Code } from "./code.js";
export { ConnectionState, type ConnectionStateProps } from "./connection-state.js";
export { CopyButton } from "./copy-button.js";
export { FactList } from "./fact-list.js";
export { InputDialog, type InputDialogProps } from "./input-dialog.js";
export { LevadaProvider, useLevada } from "./provider.js";
export { RunProgress, type RunProgressProps } from "./run-progress.js";
export { SqlView, type SqlViewProps } from "./sql-view.js";
export { Steps, type StepsProps } from "./steps.js";
export { ResultTable, type ResultTableProps } from "./table/result-table.js";
export { Trace, type TraceProps } from "./trace.js";
export { type Asking, useAsk } from "./use-ask.js";
export { useClock } from "./use-clock.js";
export { type FollowedRun, useRun, useStore } from "./use-run.js";
export { type Runs, useRuns } from "./use-runs.js";
export { extentOf, type Span, spansOf } from "./waterfall.js";
export { bytes, count, dollars, duration, estimate, percent } from "./words.js";
