import type { ReactNode } from "react";
import type { Films } from "#client/film/films.ts";
import type { Change } from "#domain/handover/seen.ts";
import type { CareRecord } from "#domain/record.ts";
import { AtmistCard } from "./atmist-card.tsx";
import { DrugsCard } from "./drugs-card.tsx";
import { EcgCard } from "./ecg-card.tsx";
import { ObsTable } from "./obs-table.tsx";
import { Timeline } from "./timeline.tsx";
import { TrendPlot } from "./trend-plot.tsx";

interface PatientColumnsProps {
  record: CareRecord;
  nowMs: number;
  /** Bytes of an attachment of this record; undefined while they are not to be had. */
  fetchBlob: (sha256: string) => Promise<Uint8Array | undefined>;
  films?: Pick<Films, "ecgCopy" | "dropEcg">;
  /** What is new to whoever accepted, by entry id. */
  changes?: ReadonlyMap<string, Change["change"]>;
  /** Stands below the handover and the drugs. */
  children?: ReactNode;
}

const noChanges: ReadonlyMap<string, Change["change"]> = new Map();

/** All that is told of one patient, the same wherever it is read. */
export const PatientColumns = ({
  record,
  nowMs,
  fetchBlob,
  films,
  changes = noChanges,
  children,
}: PatientColumnsProps) => (
  <div className="patient-columns">
    <div className="column-a">
      <AtmistCard record={record} nowMs={nowMs} />
      <DrugsCard record={record} nowMs={nowMs} />
      {children}
    </div>
    <div className="column-b">
      <section className="card" aria-labelledby="observations">
        <h2 id="observations">
          Observations <span className="grow" /> newest first
        </h2>
        <ObsTable record={record} nowMs={nowMs} />
        <TrendPlot record={record} nowMs={nowMs} />
      </section>
      <EcgCard fetchBlob={fetchBlob} {...(films && { films })} record={record} nowMs={nowMs} />
    </div>
    <div className="column-c">
      <Timeline record={record} nowMs={nowMs} changes={changes} />
    </div>
  </div>
);
