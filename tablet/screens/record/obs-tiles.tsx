import { type News2, type News2NotFor, news2Of } from "#domain/observations/news2.ts";
import type { Observations } from "#domain/observations/observations.ts";
import { acvpuWords } from "#domain/observations/words.ts";
import { ageWords } from "#ui/age.ts";
import { newsBand, newsResponse, newsText } from "#ui/news-words.ts";
import { Spark } from "#ui/spark.tsx";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { shownNews2 } from "../../record/shown-news2.ts";

type Tile = { id: keyof Observations; label: string; unit: string; low: number; high: number };
const tiles: readonly Tile[] = [
  { id: "respirations", label: "RR", unit: "/min", low: 10, high: 30 },
  { id: "spo2", label: "SpO₂", unit: "%", low: 85, high: 100 },
  { id: "systolic", label: "BP", unit: "mmHg", low: 90, high: 160 },
  { id: "pulse", label: "Pulse", unit: "/min", low: 50, high: 130 },
  { id: "acvpu", label: "ACVPU", unit: "", low: 0, high: 0 },
  { id: "temperature", label: "Temp", unit: "°C", low: 35, high: 40 },
  { id: "pain", label: "Pain", unit: "/10", low: 0, high: 10 },
];

const numberOf = (obs: Observations, id: keyof Observations): string | undefined => {
  const held = obs[id];
  return held !== undefined && "value" in held ? held.value : undefined;
};

const textOf = (obs: Observations, id: keyof Observations): string | undefined => {
  const held = obs[id];
  if (held === undefined) return undefined;
  if ("notDone" in held) return "not done";
  if (id === "systolic") return `${numberOf(obs, "systolic")}/${numberOf(obs, "diastolic") ?? "–"}`;
  if ("value" in held) return held.value;
  return acvpuWords[held.is as keyof typeof acvpuWords];
};

/** The newest set in large numbers, each with its trend over the record, and the score that it makes. */
export const ObsTiles = ({ nowMs }: { nowMs: number }) => {
  const { record, go, earlier } = useSession();
  const sets = record.observations;
  const latest = sets.at(-1);
  if (latest === undefined)
    return (
      <section className="card obs-none">
        <h2>Observations</h2>
        {earlier === undefined ? (
          <button type="button" className="btn" onClick={() => go("obs")}>
            No observations yet. Take the first set
          </button>
        ) : (
          <p className="pad-in">No observations were recorded.</p>
        )}
      </section>
    );
  const obs = latest.known.body;
  const score = news2Of(record, latest);
  const before = sets.length > 1 ? news2Of(record, sets.at(-2)!) : undefined;
  const inspired = obs.inspired && "is" in obs.inspired ? obs.inspired.is : undefined;
  return (
    <section className="card" aria-labelledby="obs-title">
      <h2 id="obs-title">
        Observations of {clockTime(latest.entry.occurredAt)} <span className="grow" />{" "}
        {ageWords(latest.entry.occurredAt, nowMs)}
      </h2>
      <div className="obs">
        {tiles.map((tile) => {
          const text = textOf(obs, tile.id);
          const trend = sets
            .map((set) => Number(numberOf(set.known.body, tile.id)))
            .filter((value) => !Number.isNaN(value));
          return (
            <div key={tile.id} className="ob" data-n={partScore(score, tile.id)}>
              <small>{tile.label}</small>
              <b className={text !== undefined && text.length > 7 ? "long" : undefined}>
                {text ?? "–"}
                {text === undefined || tile.unit === "" || text === "not done" || tile.id === "systolic" ? null : (
                  <i>
                    {tile.unit}
                    {tile.id === "spo2" && inspired !== undefined ? (inspired === "air" ? " air" : " O₂") : ""}
                  </i>
                )}
              </b>
              {tile.id === "acvpu" ? null : <Spark values={trend.slice(-8)} low={tile.low} high={tile.high} />}
            </div>
          );
        })}
        <div className="ob score" data-n={newsBand(shownNews2(score))} data-partial={"missing" in score}>
          <small>NEWS2</small>
          <b>{newsText(shownNews2(score))}</b>
          <small>
            {"notFor" in score ? notFor[score.notFor] : score.complete ? newsResponse(shownNews2(score)) : "partial"}
            {before !== undefined && "total" in before ? `, was ${before.total}` : ""}
          </small>
        </div>
      </div>
    </section>
  );
};

/** Why there is no score, as short as the tile. */
const notFor: Record<News2NotFor["notFor"], string> = {
  "under-16": "under 16",
  pregnant: "in pregnancy",
  "age-not-known": "adult or child?",
};

const partScore = (score: News2 | News2NotFor, id: keyof Observations): number | undefined =>
  "parts" in score ? score.parts[id as keyof typeof score.parts]?.score : undefined;
