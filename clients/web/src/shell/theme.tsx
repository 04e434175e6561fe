/** The choice between light, dark, and as the system has it. */
import { Icon } from "./icons";
import { prefer, type Theme, usePreferences } from "./preferences";

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: "light", label: "Light" },
  { theme: "system", label: "As the system" },
  { theme: "dark", label: "Dark" },
];

export function ThemeChoice() {
  const chosen = usePreferences().theme;
  return (
    <fieldset className="theme-choice">
      <legend className="unseen">Colours</legend>
      {THEMES.map(({ theme, label }) => (
        <label key={theme} title={label}>
          <input
            type="radio"
            name="theme"
            className="unseen"
            checked={theme === chosen}
            onChange={() => prefer({ theme })}
          />
          <Icon name={theme} />
          <span className="unseen">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
