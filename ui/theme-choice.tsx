import { type Theme, themes, useTheme } from "./theme.ts";
import "./components.css";

const words: Record<Theme, string> = { day: "Day", night: "Night", sunlight: "Sunlight" };

export const ThemeChoice = () => {
  const [theme, setTheme] = useTheme();
  return (
    <fieldset className="themes" aria-label="Colours">
      {themes.map((name) => (
        <button key={name} type="button" aria-pressed={theme === name} onClick={() => setTheme(name)}>
          {words[name]}
        </button>
      ))}
    </fieldset>
  );
};
