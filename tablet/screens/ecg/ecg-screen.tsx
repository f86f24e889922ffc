import { useRef, useState } from "react";
import { ecgMime } from "#domain/ecg/ecg.ts";
import { type EcgFile, encodeEcg } from "#monitoring/ecg-file.ts";
import { EcgView } from "#ui/ecg/ecg-view.tsx";
import { Icon } from "#ui/icons.tsx";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { readEcgFiles } from "./read-ecg-files.ts";
import "./ecg-screen.css";

/** Attaches a recording: choose its files, look at it, attach. The bytes travel behind every entry. */
export const EcgScreen = () => {
  const { client, recordId, write, go } = useSession();
  const input = useRef<HTMLInputElement>(null);
  const [ecg, setEcg] = useState<EcgFile | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [crewSays, setCrewSays] = useKept("ecg words", "");
  const [saving, setSaving] = useState(false);

  const choose = async (list: FileList | null) => {
    if (list === null || list.length === 0) return;
    const files = await Promise.all(
      [...list].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const read = readEcgFiles(files);
    setEcg("ecg" in read ? read.ecg : null);
    setProblem("problem" in read ? read.problem : null);
  };

  const attach = async () => {
    if (ecg === null) return;
    setSaving(true);
    try {
      const blob = await client.blobs.put(recordId, encodeEcg(ecg), ecgMime);
      const body = {
        leads: ecg.leads.map((lead) => lead.name),
        samplesPerSecond: Math.round(ecg.samplesPerSecond),
        samplesPerLead: ecg.samplesPerLead,
        ...(ecg.source === undefined ? {} : { source: ecg.source.slice(0, 200) }),
        ...(crewSays.trim() === "" ? {} : { crewSays: crewSays.trim() }),
      };
      await write("ecg", body, { blobs: [blob], undo: "12-lead" });
      return go("timeline");
    } catch {
      setProblem("Not saved: the recording could not be kept on this tablet. Keep the file, and try again.");
    }
    setSaving(false);
  };

  return (
    <div className="screen">
      <ScreenHeader title="12-lead" />
      <main className="stack">
        <input
          ref={input}
          type="file"
          className="words-only"
          tabIndex={-1}
          aria-label="ECG files"
          multiple
          accept=".hfecg,.hea,.dat,.xyz"
          onChange={(event) => void choose(event.target.files)}
        />
        {problem === null ? null : (
          <p className="flag" role="alert">
            ! {problem}
          </p>
        )}
        {ecg === null ? (
          <section className="card ecg-choose">
            <Icon name="ecg" size={64} />
            <p>Choose the recording's files: one .hfecg, or a .hea with its .dat and .xyz files together.</p>
            <button type="button" className="btn primary big" onClick={() => input.current?.click()}>
              Choose ECG files
            </button>
          </section>
        ) : (
          <>
            <EcgView ecg={ecg} />
            <TextField label="What you see (optional)" value={crewSays} onChange={setCrewSays} maxLength={2000} />
          </>
        )}
      </main>
      <footer className="bar-bottom">
        {ecg === null ? null : (
          <>
            <button type="button" className="btn" onClick={() => input.current?.click()}>
              Choose another
            </button>
            <span className="small">
              {ecg.leads.length} leads · {(ecg.samplesPerLead / ecg.samplesPerSecond).toFixed(0)} s ·{" "}
              {ecg.samplesPerSecond} Hz
            </span>
          </>
        )}
        <span className="grow" />
        <button
          type="button"
          className="btn primary big"
          disabled={ecg === null || saving}
          onClick={() => void attach()}
        >
          Attach 12-lead
        </button>
      </footer>
    </div>
  );
};
