import { useEffect, useState } from "react";
import type { MadeFilm } from "#client/film/make-film.ts";
import { journeyOf } from "#domain/handover/journey.ts";
import { useSession } from "../../record/session.tsx";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { AcceptanceCard } from "../handover/acceptance-card.tsx";
import { CodeForm } from "./code-form.tsx";
import { ReceiptCamera } from "./receipt-camera.tsx";
import { filmOf } from "./record-film.ts";
import { ShownFilm } from "./shown-film.tsx";
import "./film-screen.css";

type Step = "show" | "read" | "code";

/** The handover with no network between: a film for the hospital's camera, and its answer back. */
export const FilmScreen = () => {
  const { client, record, recordId, enrolment, write, go } = useSession();
  const siteId = record.destination?.body.site?.siteId ?? journeyOf(record)?.siteId;
  const [film, setFilm] = useState<MadeFilm | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const [step, setStep] = useState<Step>("show");
  const { siteKeys } = enrolment;
  const entries = record.heads[enrolment.deviceId] ?? 0;
  const [filmed, setFilmed] = useState(0);

  const make = async (site: string) => {
    setFilmed(entries);
    const made = await filmOf(client, recordId, site, siteKeys);
    setFilm("why" in made ? null : made);
    setWhy("why" in made ? made.why : null);
  };
  // Once, when the screen opens with a site: what is written since waits until the crew asks, so that no camera loses its film.
  useEffect(() => {
    if (siteId !== undefined && film === null && why === null) void make(siteId);
  }, [siteId]);

  const choose = async (site: { siteId: string; name: string }) => {
    await write("destination", { site, outcome: "see-and-convey" });
  };
  const names = new Map(enrolment.sites.map((site) => [site.siteId, site.name]));
  return (
    <div className="screen">
      <ScreenHeader title="Show to the hospital's camera" />
      <main className="film">
        {siteId === undefined ? (
          <section className="card pad-in stack">
            <h2>Which hospital?</h2>
            <p>The film opens at that department alone.</p>
            {enrolment.sites.map((site) => (
              <button key={site.siteId} type="button" className="btn big" onClick={() => void choose(site)}>
                {site.name}
              </button>
            ))}
          </section>
        ) : why !== null ? (
          <section className="card pad-in stack" role="alert">
            <h2>There is no film</h2>
            <p>{why}</p>
            <p>Read the handover out, and record the receiver's name.</p>
          </section>
        ) : film === null ? (
          <p role="status">Making the film …</p>
        ) : step === "show" ? (
          <ShownFilm
            film={film}
            siteName={names.get(film.place.siteId) ?? film.place.siteId}
            newSince={entries - filmed}
            onAgain={() => void make(siteId)}
          />
        ) : step === "read" ? (
          <ReceiptCamera client={client} recordId={recordId} film={film} />
        ) : (
          <CodeForm film={film} onDone={() => go("handover")} />
        )}
        <section className="stack">
          <AcceptanceCard />
          <div className="card pad-in stack">
            <h2>Then the hospital's answer</h2>
            <button type="button" className="btn" aria-pressed={step === "show"} onClick={() => setStep("show")}>
              Show the film
            </button>
            <button
              type="button"
              className="btn primary"
              aria-pressed={step === "read"}
              disabled={film === null}
              onClick={() => setStep("read")}
            >
              Read the receipt with this camera
            </button>
            <button
              type="button"
              className="btn"
              aria-pressed={step === "code"}
              disabled={film === null}
              onClick={() => setStep("code")}
            >
              Type the receipt's code
            </button>
          </div>
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="small">Nothing goes over a network: only that department can open what is shown here.</span>
        <span className="grow" />
        <button
          type="button"
          className="btn"
          disabled={film === null || step !== "show"}
          onClick={() => window.print()}
        >
          Print the page
        </button>
        <button type="button" className="btn big" onClick={() => go("handover")}>
          Handover
        </button>
      </footer>
    </div>
  );
};
