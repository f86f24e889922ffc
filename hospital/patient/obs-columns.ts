import { gcsText } from "#domain/observations/gcs.ts";
import type { News2Part, News2Parts } from "#domain/observations/news2.ts";
import type { Observations, Vital } from "#domain/observations/observations.ts";
import { acvpuWords, notDoneWords, vitalWords } from "#domain/observations/words.ts";
import type { LineOf } from "#domain/record.ts";

/** What one cell of the table says: the value as it was written, its score, and its own time where that differs. */
export interface ObsCell {
  text: string;
  score?: News2Part["score"] | undefined;
  /** Instant of this reading where it is more than a minute from its set's. */
  ownTime?: string | undefined;
}
interface ObsColumn {
  title: string;
  unit: string;
  /** Undefined: not part of the set. */
  cell: (
    obs: Observations,
    parts: News2Parts,
  ) => { text: string; score?: News2Part["score"] | undefined; at?: string | undefined } | undefined;
}

const numeric = (vital: Vital, part?: keyof News2Parts): ObsColumn => ({
  title: vitalWords[vital].short,
  unit: vitalWords[vital].unit,
  cell: (obs, parts) => {
    const reading = obs[vital];
    if (!reading) return undefined;
    if ("notDone" in reading) return { text: notDoneWords[reading.notDone] };
    return { text: reading.value, score: part && parts[part]?.score, at: reading.at };
  },
});

const pressure: ObsColumn = {
  title: "BP",
  unit: "mmHg",
  cell: ({ systolic, diastolic }, parts) => {
    const either = systolic ?? diastolic;
    if (!either) return undefined;
    if ("notDone" in either) return { text: notDoneWords[either.notDone] };
    const value = (reading: Observations[Vital]) => (reading && "value" in reading ? reading.value : "–");
    return { text: `${value(systolic)}/${value(diastolic)}`, score: parts.systolic?.score, at: either.at };
  },
};

const inspired: ObsColumn = {
  title: "Air or O₂",
  unit: "",
  cell: ({ inspired: gas, oxygenFlow }, parts) => {
    const flow = oxygenFlow && "value" in oxygenFlow ? ` ${oxygenFlow.value} L/min` : "";
    if (!gas) return flow ? { text: `oxygen${flow}` } : undefined;
    if ("notDone" in gas) return { text: notDoneWords[gas.notDone] };
    return { text: gas.is + flow, score: parts.inspired?.score, at: gas.at };
  },
};

const consciousness: ObsColumn = {
  title: "ACVPU",
  unit: "",
  cell: ({ acvpu }, parts) => {
    if (!acvpu) return undefined;
    if ("notDone" in acvpu) return { text: notDoneWords[acvpu.notDone] };
    return { text: acvpuWords[acvpu.is], score: parts.acvpu?.score, at: acvpu.at };
  },
};

const coma: ObsColumn = {
  title: "GCS",
  unit: "",
  cell: ({ gcs }) => {
    if (!gcs) return undefined;
    if ("notDone" in gcs) return { text: notDoneWords[gcs.notDone] };
    return { text: gcsText(gcs.is).replace("GCS ", ""), at: gcs.at };
  },
};

const all: ObsColumn[] = [
  numeric("respirations", "respirations"),
  numeric("spo2", "spo2"),
  inspired,
  pressure,
  numeric("pulse", "pulse"),
  numeric("heartRate"),
  consciousness,
  coma,
  numeric("temperature", "temperature"),
  numeric("pain"),
  numeric("glucose"),
  numeric("etco2"),
  numeric("capillaryRefill"),
];

/** Columns that at least one set fills, in the order of the NEWS2 chart. */
export const obsColumns = (sets: readonly LineOf<"observations">[]): ObsColumn[] =>
  all.filter((column) => sets.some((set) => column.cell(set.known.body, {}) !== undefined));

export const obsCell = (column: ObsColumn, set: LineOf<"observations">, parts: News2Parts): ObsCell | undefined => {
  const cell = column.cell(set.known.body, parts);
  if (!cell) return undefined;
  const { text, score, at } = cell;
  const apart = at !== undefined && Math.abs(Date.parse(at) - Date.parse(set.entry.occurredAt)) > 60_000;
  return { text, score, ownTime: apart ? at : undefined };
};
