/** What was computed from the rows, but for what the answer tells anyway. */
import type { Finding, FindingKind } from "@levada/client";

const GLYPHS: Record<FindingKind, string> = {
  total: "Σ",
  extreme: "↕",
  share: "◔",
  trend: "↗",
  change: "Δ",
  outlier: "!",
  empty: "∅",
};

export function Findings({ findings, told }: { findings: readonly Finding[]; told: string }) {
  const left = findings.filter(({ text }) => !told.includes(text));
  if (!left.length) return null;
  return (
    <ul className="findings" aria-label="Findings">
      {left.map((finding) => (
        <li key={finding.text} data-severity={finding.severity}>
          <span className="glyph" aria-hidden="true">
            {finding.kind ? GLYPHS[finding.kind] : "•"}
          </span>
          {finding.text}
        </li>
      ))}
    </ul>
  );
}
