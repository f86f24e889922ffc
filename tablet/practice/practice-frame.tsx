import type { Client } from "#client/client.ts";
import type { Author } from "#domain/entry/entry.ts";
import { Icon } from "#ui/icons.tsx";
import { AlarmBanner } from "../shell/alarm-banner.tsx";
import { ClientProvider, useSnapshot } from "../shell/client-context.tsx";
import { serviceOf } from "../shell/service.ts";
import { Strip } from "../shell/strip.tsx";
import type { Progress } from "./practice.ts";
import { nextOf, type Plug } from "./steps.ts";

interface PracticeFrameProps {
  /** The tablet's own client: what of real records is not saved shows here too. */
  real: Client;
  author: Author;
  progress: Progress;
  onPlug: (plug: Plug) => void;
  /** Absent on the page of the steps itself. */
  onSteps?: (() => void) | undefined;
  onRealPatient: () => void;
}

/** Over every screen of a practice: that it is one, what comes next, the plug, and the way to a real patient. */
export const PracticeFrame = ({ real, author, progress, onPlug, onSteps, onRealPatient }: PracticeFrameProps) => (
  <div>
    <ClientProvider value={real}>
      <AlarmBanner />
      <OwnStrip author={author} />
    </ClientProvider>
    <section className="practice-band" aria-label="Practice">
      <b className="practice-mark">PRACTICE · not a patient</b>
      <span className="next" role="status">
        {nextWords(progress)}
      </span>
      {onSteps === undefined ? null : (
        <>
          <button type="button" className="btn" onClick={onSteps}>
            Steps
          </button>
          {progress.steps[0]!.done ? <PlugButton plug={progress.plug} onPlug={onPlug} /> : null}
        </>
      )}
      <RealPatientButton onPress={onRealPatient} />
    </section>
    <Strip author={author} of="Practice" />
  </div>
);

/** The tablet's own level of service, unless all is well: a practice may be begun in the midst of an outage. */
const OwnStrip = ({ author }: { author: Author }) => {
  const { level } = serviceOf(useSnapshot(), Date.now());
  return level === "normal" ? null : <Strip author={author} of="This tablet" />;
};

const nextWords = ({ steps, plug }: Progress): string => {
  const next = nextOf(steps, plug);
  return next === null ? "All five steps are done" : `${next.number} of ${steps.length} · ${next.words}`;
};

/** On every screen and sheet of a practice. */
export const RealPatientButton = ({ onPress }: { onPress: () => void }) => (
  <button type="button" className="btn real" onClick={onPress}>
    Real patient: new record
  </button>
);

export const PlugButton = ({ plug, onPlug }: { plug: Plug; onPlug: (plug: Plug) => void }) => (
  <button type="button" className="btn plug" data-plug={plug} onClick={() => onPlug(plug === "in" ? "out" : "in")}>
    <Icon name={plug === "in" ? "shock" : "warning"} size={24} />
    {plug === "in" ? "Pull the plug" : "Put the plug back"}
  </button>
);
