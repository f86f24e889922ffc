interface ChipsProps<T extends string> {
  legend: string;
  options: readonly { value: T; label: string; aria?: string }[];
  value: T | undefined;
  onChange: (value: T) => void;
  hideLegend?: boolean;
}

/** One choice of a few, as large buttons. Pressed is said by colour, a tick and `aria-pressed`. */
export const Chips = <T extends string>({ legend, options, value, onChange, hideLegend = false }: ChipsProps<T>) => (
  <fieldset className="chips">
    <legend className={hideLegend ? "words-only" : undefined}>{legend}</legend>
    {options.map((option) => (
      <button
        key={option.value}
        type="button"
        className="btn"
        aria-pressed={option.value === value}
        aria-label={option.aria}
        onClick={() => onChange(option.value)}
      >
        {option.label}
      </button>
    ))}
  </fieldset>
);
