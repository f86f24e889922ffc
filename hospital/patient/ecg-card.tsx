import { useEffect, useState } from "react";
import type { Films } from "#client/film/films.ts";
import { lineText } from "#domain/entry/compose.ts";
import type { CareRecord, LineOf } from "#domain/record.ts";
import { decodeEcg, type EcgFile, EcgFileError } from "#monitoring/ecg-file.ts";
import { ageWords } from "#ui/age.ts";
import { EcgView } from "#ui/ecg/ecg-view.tsx";
import { Fault } from "#ui/fault.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { AwaitingChip } from "./awaiting-chip.tsx";

interface EcgCardProps {
  /** Bytes of an attachment of this record; undefined while they are not to be had. */
  fetchBlob: (sha256: string) => Promise<Uint8Array | undefined>;
  /** Copies that came by film, to look at until the exact recording is here. */
  films?: Pick<Films, "ecgCopy" | "dropEcg">;
  record: CareRecord;
  nowMs: number;
}

/** Every ECG, newest first, drawn to scale. */
export const EcgCard = ({ fetchBlob, films, record, nowMs }: EcgCardProps) => (
  <section className="card" aria-labelledby="ecgs">
    <h2 id="ecgs">ECG</h2>
    {record.ecgs.length === 0 && <p className="soft padded">No ECG recorded.</p>}
    {record.ecgs.toReversed().map((line) => {
      const { title, detail } = lineText(line, record);
      return (
        <article key={line.entry.id} className="padded">
          <h3>
            {clockTimeSeenFrom(line.entry.occurredAt, nowMs)} {title} <AwaitingChip line={line} />
          </h3>
          <p className="sub">
            {ageWords(line.entry.occurredAt, nowMs)} {detail && `· ${detail}`}
          </p>
          <Recording fetchBlob={fetchBlob} films={films} line={line} />
        </article>
      );
    })}
  </section>
);

type Loaded =
  | { state: "loading" | "absent" }
  | { state: "unreadable"; words: string }
  | { state: "here" | "copy"; ecg: EcgFile };
/** A recording travels behind every entry: how often to look whether it has come, ms. */
const retryMs = 5000;

interface RecordingProps extends Pick<EcgCardProps, "fetchBlob"> {
  films: EcgCardProps["films"] | undefined;
  line: LineOf<"ecg">;
}

const Recording = ({ fetchBlob, films, line }: RecordingProps) => {
  const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
  const sha256 = line.entry.blobs?.[0]?.sha256;
  const entryId = line.entry.id;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const load = async () => {
      const next = await read(fetchBlob, sha256);
      if (next.state === "here") void films?.dropEcg(entryId).catch(() => {});
      const copy = next.state === "absent" ? await films?.ecgCopy(entryId).catch(() => undefined) : undefined;
      if (left) return;
      setLoaded(copy ? { state: "copy", ecg: copy } : next);
      if (next.state === "absent" && sha256 !== undefined) timer = setTimeout(load, retryMs);
    };
    void load();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [fetchBlob, films, entryId, sha256]);

  if (loaded.state === "copy")
    return (
      <>
        <p className="chip wait" role="status">
          ▲ A copy at {loaded.ecg.samplesPerSecond} Hz, from the film. The exact recording follows.
        </p>
        <p className="sub">{loaded.ecg.source}</p>
        <EcgView ecg={loaded.ecg} />
      </>
    );
  if (loaded.state === "here") return <EcgView ecg={loaded.ecg} />;
  if (loaded.state === "unreadable") return <Fault words={loaded.words} />;
  if (sha256 === undefined) return <p className="soft">No recording is attached to this entry.</p>;
  return (
    <p className="soft" role="status">
      {loaded.state === "loading"
        ? "Fetching the recording…"
        : "The recording has not reached the base yet. It is asked for again."}
    </p>
  );
};

const read = async (fetchBlob: EcgCardProps["fetchBlob"], sha256: string | undefined): Promise<Loaded> => {
  if (sha256 === undefined) return { state: "absent" };
  try {
    const bytes = await fetchBlob(sha256);
    return bytes ? { state: "here", ecg: decodeEcg(bytes) } : { state: "absent" };
  } catch (failure) {
    return failure instanceof EcgFileError ? { state: "unreadable", words: failure.message } : { state: "absent" };
  }
};
