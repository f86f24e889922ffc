import { Icon } from "#ui/icons.tsx";
import { useClient } from "../shell/client-context.tsx";
import { lockTablet } from "../shell/lock.ts";
import type { Progress } from "./practice.ts";
import { PlugButton } from "./practice-frame.tsx";
import { nextOf, type Plug, type Step, tookWords } from "./steps.ts";

/** At each step one thing to talk over. The answers are those of the page Downtime. */
const whatIf: readonly { ask: string; answer: string }[] = [
  {
    ask: "What would you do if this tablet never said “At the base”?",
    answer: "Go on charting: it is saved here. Look at the top line, and tell the desk if it stays so.",
  },
  {
    ask: "How would you notice on a real day?",
    answer: "The top line says so, and the pill counts what waits. Nothing stops you from writing.",
  },
  {
    ask: "What would you do if this tablet broke now?",
    answer:
      "Take the other tablet, or a paper form. Keep the broken one, and never reset it: it holds what it could not send.",
  },
  {
    ask: "What would you do if the hospital's screen does not show your patient?",
    answer: "Call ahead. Hand over from this screen: read it out, or show it to the hospital's camera.",
  },
  {
    ask: "What would you do if it still waits at the end of the shift?",
    answer: "Leave the tablet on. It sends by itself, locked too.",
  },
];

interface StepsScreenProps {
  progress: Progress;
  onPlug: (plug: Plug) => void;
  onPatient: () => void;
  onAgain: () => void;
  onEnd: () => void;
}

/** Where a practice begins and ends: the five steps as they really stand, and the plug. */
export const StepsScreen = ({ progress, onPlug, onPatient, onAgain, onEnd }: StepsScreenProps) => {
  const client = useClient();
  const { steps, plug, result } = progress;
  const next = nextOf(steps, plug);
  const talk = whatIf[(next?.number ?? steps.length) - 1]!;
  return (
    <div className="screen">
      <header className="bar-top">
        <h1>Pull the plug</h1>
        <span className="small">Five minutes with no base. Nothing of it is kept or sent.</span>
        <span className="grow" />
        <button type="button" className="btn" onClick={() => lockTablet(client)}>
          Lock
        </button>
        <button type="button" className="btn" onClick={onEnd}>
          End the practice
        </button>
      </header>
      <main className="practice">
        <ol className="steps" aria-label="Steps">
          {steps.map((step, at) => (
            <StepCard key={step.title} step={step} number={at + 1} isNext={next?.number === at + 1} />
          ))}
        </ol>
        <div className="stack">
          {result === null ? (
            <section className="card pad-in stack" aria-labelledby="plug-title">
              <h2 id="plug-title">{plug === "in" ? "The base is plugged in" : "The plug is out: there is no base"}</h2>
              {steps[0]!.done ? (
                <PlugButton plug={plug} onPlug={onPlug} />
              ) : (
                <p>First take a set of obs, and see them arrive. Then you pull the plug here.</p>
              )}
            </section>
          ) : (
            <Result result={result} />
          )}
          <button type="button" className={result === null ? "btn primary big" : "btn big"} onClick={onPatient}>
            {result === null ? "Go to the practice patient" : "Look at the practice patient"}
          </button>
          {result === null ? null : (
            <button type="button" className="btn primary big" onClick={onAgain}>
              Practise again
            </button>
          )}
          <section className="card pad-in stack" aria-labelledby="talk-title">
            <h2 id="talk-title">Talk it over</h2>
            <p>
              <b>{talk.ask}</b>
            </p>
            <p>{talk.answer}</p>
          </section>
        </div>
      </main>
    </div>
  );
};

const StepCard = ({ step, number, isNext }: { step: Step; number: number; isNext: boolean }) => (
  <li className="card step" data-done={step.done} aria-current={isNext ? "step" : undefined}>
    <span className="number" aria-hidden>
      {step.done ? <Icon name="check" size={26} /> : number}
    </span>
    <div>
      <h2>
        {step.title}
        <span className="words-only">{step.done ? ", done" : ""}</span>
      </h2>
      <ul>
        {step.parts.map(({ words, done }) => (
          <li key={words} data-done={done}>
            <span aria-hidden>{done ? "✓" : "○"}</span> {words}
            <span className="words-only">{done ? ", done" : ", to do"}</span>
          </li>
        ))}
      </ul>
    </div>
  </li>
);

/** There is a result only once every step is done, so that nothing was lost or is there twice. */
const Result = ({ result: { tookMs, counts } }: { result: NonNullable<Progress["result"]> }) => (
  <section className="card pad-in stack practice-result" role="status" aria-labelledby="result-title">
    <h2 id="result-title">Done in {tookWords(tookMs)} min</h2>
    <p>
      <b>
        {counts.waited} entries waited on this tablet, {counts.arrived} arrived at the base.
      </b>
    </p>
    <p>
      Of all {counts.entries} entries none was lost, and none is there twice. You took obs, gave a drug and handed over
      with no base.
    </p>
  </section>
);
