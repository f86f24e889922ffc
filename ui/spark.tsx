import "./components.css";

interface SparkProps {
  /** Oldest first, equally spaced. Fewer than two draw nothing. */
  values: readonly number[];
  /** What the line is, for those who cannot see it; without it the line is decoration beside the same numbers as text. */
  label?: string;
  /** Scale that the line is drawn to at the least, so that a change of 1 does not look like a cliff. */
  low?: number;
  high?: number;
}

const width = 100;
const height = 28;
const inset = 4;

/** A small trend line with a dot at its newest end. */
export const Spark = ({
  values,
  label,
  low = Number.POSITIVE_INFINITY,
  high = Number.NEGATIVE_INFINITY,
}: SparkProps) => {
  if (values.length < 2) return null;
  const bottom = Math.min(low, ...values);
  const span = Math.max(high, ...values) - bottom || 1;
  const points = values.map((value, index) => {
    const x = inset + (index * (width - 2 * inset)) / (values.length - 1);
    const y = height - inset - ((value - bottom) / span) * (height - 2 * inset);
    return [x, y] as const;
  });
  const [lastX, lastY] = points.at(-1)!;
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const drawing = (
    <>
      <polyline points={line} />
      <circle cx={lastX} cy={lastY} r="3.5" />
    </>
  );
  const viewBox = `0 0 ${width} ${height}`;
  if (label === undefined) {
    return (
      <svg className="spark" viewBox={viewBox} aria-hidden>
        {drawing}
      </svg>
    );
  }
  return (
    <svg className="spark" viewBox={viewBox} role="img" aria-label={`${label}: ${values.join(", ")}`}>
      {drawing}
    </svg>
  );
};
