import type { CareRecord } from "#domain/record.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { placePoints, type TrendSeries, trendSeries } from "./trend-series.ts";

const width = 560;
const height = 40;
const inset = 8;

/** One small plot for each vital on one common time axis; the numbers are in the table beside it. */
export const TrendPlot = ({ record, nowMs }: { record: CareRecord; nowMs: number }) => {
  const series = trendSeries(record.observations);
  if (series.length === 0) return <p className="soft padded">A trend needs two sets.</p>;
  const times = series.flatMap(({ points }) => points.map((point) => point.atMs));
  const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
  return (
    <figure className="trends">
      {series.map((one) => (
        <TrendRow key={one.vital} series={one} fromMs={fromMs} toMs={toMs} />
      ))}
      <figcaption className="row faint">
        <span className="grow">{clockTimeSeenFrom(fromMs, nowMs)}</span>
        <span>{clockTimeSeenFrom(toMs, nowMs)}</span>
      </figcaption>
    </figure>
  );
};

const TrendRow = ({ series, fromMs, toMs }: { series: TrendSeries; fromMs: number; toMs: number }) => {
  const { title, unit, points } = series;
  const placed = placePoints(points, { width: width - 2 * inset, height: height - 2 * inset, fromMs, toMs });
  const values = points.map((point) => point.value);
  const [first, last] = [values[0], values.at(-1)];
  return (
    <div className="trend-row">
      <span className="soft">
        {title} <span className="unit">{unit}</span>
      </span>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} from ${first} to ${last} ${unit}, lowest ${Math.min(...values)}, highest ${Math.max(...values)}`}
      >
        <polyline points={placed.map(({ x, y }) => `${x + inset},${y + inset}`).join(" ")} />
        {placed.map(({ x, y }) => (
          // A line of no length with round ends stays a round dot however the plot is stretched.
          <path key={x} className="dot" d={`M${x + inset} ${y + inset}h0.001`} />
        ))}
      </svg>
      <b>
        {first} → {last}
      </b>
    </div>
  );
};
