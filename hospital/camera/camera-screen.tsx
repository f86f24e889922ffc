import { useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import type { ReceivedFilm } from "#client/film/films.ts";
import { type FilmSummary, summaryLines } from "#sharing/film/summary.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { Fault } from "#ui/fault.tsx";
import { CameraView } from "#ui/film/camera-view.tsx";
import { Icon } from "#ui/icons.tsx";
import type { Cell } from "../cells/cell.ts";
import { useCells } from "../cells/use-cells.ts";
import { useBoardNow } from "../shell/clock.tsx";
import { ScreenFoot } from "../shell/screen-foot.tsx";
import { openedHere } from "./opened-here.ts";
import { ReceivedPatient } from "./received-patient.tsx";
import { createReceiver, type Receiver } from "./receiver.ts";
import "../arrivals/board.css";
import "../patient/patient.css";
import "./camera.css";

/** What was seen half stays while the page does: a film that was put down is gone on with. */
const receivers = new WeakMap<readonly Cell[], Receiver>();
const receiverOf = (cells: readonly Cell[]): Receiver => {
  const held = receivers.get(cells) ?? createReceiver(cells);
  receivers.set(cells, held);
  return held;
};

interface Done {
  cell: Cell;
  film: ReceivedFilm;
  isNew: boolean;
}

/** A handover with no network between: the crew's tablet shows a film, this screen's camera reads it. */
export const CameraScreen = () => {
  const { cells, snapshots } = useCells();
  const nowMs = useBoardNow(snapshots, 5000);
  const receiver = useMemo(() => receiverOf(cells), [cells]);
  const [summary, setSummary] = useState<FilmSummary | null>(null);
  const [progress, setProgress] = useState<{ have: number; of: number } | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  useEffect(() => void receiver.load().catch(() => {}), [receiver]);

  const look = async (bytes: Uint8Array) => {
    const seen = await receiver.take(bytes);
    if (seen === undefined) return;
    if (seen.seen === "summary") setSummary(seen.summary);
    if (seen.seen === "progress") setProgress({ have: seen.have, of: seen.of });
    setRefused(seen.seen === "refused" ? seen.words : null);
    if (seen.seen !== "received") return;
    openedHere.note(seen.cell, seen.film.recordId);
    setDone(seen);
  };
  const again = () => {
    setDone(null);
    setSummary(null);
    setProgress(null);
    setRefused(null);
  };

  return (
    <div className="patient-page">
      <header className="bar">
        <Link href="/" className="button quiet">
          <Icon name="back" size={20} /> Arrivals
        </Link>
        <h1>Receive by camera</h1>
        <p className="soft">
          With no network between: the crew's tablet shows a film, this screen keeps what it reads.
        </p>
        <span className="grow" />
        {done !== null && (
          <button type="button" className="button quiet" onClick={again}>
            Receive another
          </button>
        )}
      </header>
      <main className="by-camera">
        {done === null ? (
          <>
            <CameraView label="What this screen's camera sees" onSymbol={look} />
            <section className="stack" aria-label="What came">
              <Progress progress={progress} />
              <Fault words={refused && `✕ ${refused}`} />
              {summary === null ? (
                <div className="card padded-card">
                  <p>Hold the tablet so that its symbol fills the picture. The first symbol tells who it is.</p>
                </div>
              ) : (
                <div className="card padded-card stack">
                  <p className="soft">From the first symbol; the record is still coming</p>
                  {summaryLines(summary).map((line, at) => (
                    <p key={line} className={at === 0 ? "headline" : undefined}>
                      {line}
                    </p>
                  ))}
                  {summary.demonstration && <DemonstrationMark />}
                </div>
              )}
            </section>
          </>
        ) : (
          <ReceivedPatient key={done.film.filmId} {...done} nowMs={nowMs} />
        )}
      </main>
      <ScreenFoot nowMs={nowMs} />
    </div>
  );
};

const Progress = ({ progress }: { progress: { have: number; of: number } | null }) => (
  <div className="card padded-card">
    <p role="status">
      {progress === null ? "Nothing has come yet" : `${progress.have} of ${progress.of} parts have come`}
    </p>
    <progress aria-label="Parts of the film" value={progress?.have ?? 0} max={progress?.of ?? 1} />
  </div>
);
