import { useState } from "react";
import { concernOf } from "#domain/presentation/concern.ts";
import { useNow } from "#ui/age.ts";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { Chips } from "../../shell/chips.tsx";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { TextField } from "../../shell/text-field.tsx";
import "./prealert.css";

const etas = [5, 10, 15, 20, 30, 45] as const;
const needsOffered = [
  "Resus",
  "Trauma team",
  "Cath lab",
  "Stroke team",
  "Anaesthetist",
  "Obstetrics",
  "Paediatrics",
  "Isolation",
  "Security",
] as const;

/** Where the patient goes and when, and whether that site must be ready. A later destination diverts the earlier one. */
export const PrealertScreen = () => {
  const { record, enrolment, write, go } = useSession();
  const destination = record.destination?.body;
  const now = useNow(30_000);
  const [siteId, setSiteId] = useKept<string | undefined>(
    "site",
    destination?.site?.siteId ?? (enrolment.sites.length === 1 ? enrolment.sites[0]!.siteId : undefined),
  );
  const [etaMinutes, setEtaMinutes] = useKept<number | null>("eta minutes", null);
  const [concern, setConcern] = useKept("concern", () =>
    record.presentation || record.prealert ? concernOf(record) : "",
  );
  const [needs, setNeeds] = useKept<string[]>("needs", []);
  const [why, setWhy] = useKept("why", "");
  const [saving, setSaving] = useState(false);
  const site = enrolment.sites.find((one) => one.siteId === siteId);
  const diverting = destination?.site !== undefined && site !== undefined && destination.site.siteId !== site.siteId;
  // The time to the earlier site says nothing about the way to this one.
  const known = diverting ? undefined : destination?.eta;
  const eta = etaMinutes === null ? known : new Date(now + etaMinutes * 60_000).toISOString();

  const goingTo = async () =>
    write("destination", {
      site: site!,
      outcome: "see-and-convey",
      ...(eta === undefined ? {} : { eta }),
      ...(why.trim() === "" ? {} : { why: why.trim() }),
    });
  const save = async (alert: boolean) => {
    if (site === undefined || saving) return;
    setSaving(true);
    await goingTo();
    if (alert)
      await write("prealert", {
        site,
        concern: concern.trim() || concernOf(record),
        ...(eta === undefined ? {} : { eta }),
        ...(needs.length === 0 ? {} : { needs }),
      });
    setSaving(false);
    go("timeline");
  };
  const end = async (outcome: "see-and-treat" | "referred" | "refused" | "stood-down") => {
    await write("destination", { outcome, ...(why.trim() === "" ? {} : { why: why.trim() }) });
    go("timeline");
  };

  return (
    <div className="screen">
      <ScreenHeader title="Pre-alert and destination" />
      <main className="prealert">
        <section className="stack">
          <Chips
            legend="Site"
            value={siteId}
            onChange={setSiteId}
            options={enrolment.sites.map((one) => ({ value: one.siteId, label: one.name }))}
          />
          {diverting ? (
            <p className="flag" role="status">
              ! This diverts the patient from {destination.site!.name}.
            </p>
          ) : null}
          <fieldset className="chips">
            <legend>Arrives in{eta === undefined ? "" : `: about ${clockTime(eta)}`}</legend>
            {etas.map((minutes) => (
              <button
                key={minutes}
                type="button"
                className="btn"
                aria-pressed={etaMinutes === minutes}
                aria-label={`ETA ${minutes} minutes`}
                onClick={() => setEtaMinutes(minutes)}
              >
                {minutes} min
              </button>
            ))}
          </fieldset>
          <TextField
            label="Concern: what the site reads first"
            value={concern}
            onChange={setConcern}
            maxLength={200}
            hint={concern.trim() === "" ? "Empty: the site reads “Concern not recorded”." : undefined}
          />
        </section>
        <section className="stack">
          <fieldset className="chips">
            <legend>Needs</legend>
            {needsOffered.map((need) => (
              <button
                key={need}
                type="button"
                className="btn"
                aria-pressed={needs.includes(need)}
                onClick={() => setNeeds(needs.includes(need) ? needs.filter((one) => one !== need) : [...needs, need])}
              >
                {need}
              </button>
            ))}
          </fieldset>
          <TextField label="Why, where it is not plain" value={why} onChange={setWhy} maxLength={200} />
          <fieldset className="chips">
            <legend>Not taken to hospital</legend>
            <button type="button" className="btn" onClick={() => void end("see-and-treat")}>
              See &amp; Treat
            </button>
            <button type="button" className="btn" onClick={() => void end("referred")}>
              Referred
            </button>
            <button type="button" className="btn" onClick={() => void end("refused")}>
              Refused conveyance
            </button>
            <button type="button" className="btn" onClick={() => void end("stood-down")}>
              Stand down
            </button>
          </fieldset>
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="small">
          {site === undefined
            ? "Choose the site."
            : `To ${site.name}${eta === undefined ? "" : `, ETA ${clockTime(eta)}`}`}
        </span>
        <span className="grow" />
        <button
          type="button"
          className="btn big"
          disabled={site === undefined || saving}
          onClick={() => void save(false)}
        >
          {diverting ? "Divert, no pre-alert" : "Going there, no pre-alert"}
        </button>
        <button
          type="button"
          className="btn primary big"
          disabled={site === undefined || saving}
          onClick={() => void save(true)}
        >
          Send pre-alert
        </button>
      </footer>
    </div>
  );
};
