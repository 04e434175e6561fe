/** The page's few pictures, drawn in the colour of the text around them. */

const PATHS = {
  ask: "M12 5v14M5 12h14",
  runs: "M4 6h16M4 12h16M4 18h10",
  steps: "M4 19V9m5 10V5m5 14v-7m5 7V8",
  options: "M4 7h9m6 0h1M4 17h1m6 0h9M13 7a3 3 0 1 0 6 0 3 3 0 0 0-6 0ZM5 17a3 3 0 1 0 6 0 3 3 0 0 0-6 0Z",
  kind: "M4 4h7v7H4zM13 13h7v7h-7zM4 17h5m-2.5-2.5v5M13 7.5h7",
  sources:
    "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3Zm0 0v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-6v3m0 14v3M2 12h3m14 0h3M5 5l2 2m10 10 2 2m0-14-2 2M7 17l-2 2",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  system: "M3 5h18v11H3zM9 20h6m-3-4v4",
  send: "M12 19V5m-6 6 6-6 6 6",
  edit: "M4 20h4L19 9l-4-4L4 16v4Z",
  again: "M20 12a8 8 0 1 1-2.3-5.6M20 4v4h-4",
  export: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  compare: "M4 5h6v14H4zM14 5h6v14h-6z",
  stop: "M7 7h10v10H7z",
  pause: "M9 6v12m6-12v12",
  play: "M8 5v14l11-7z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <path className="logo-upper" d="M3 8h8v6h7v6h11" />
      <path className="logo-lower" d="M3 15h5v6h7v6h14" />
    </svg>
  );
}
