import { useEffect } from "react";
import * as z from "zod/mini";
import { type ProofResponse, type ProofResult, type ProvedLog, proofResponse } from "#protocol/control/proof.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { fullTime, sentence } from "../parts/words.ts";
import { LeftOut } from "./left-out.tsx";

const logWords: Record<ProvedLog["log"], string> = {
  care: "Records",
  access: "Who saw what",
  control: "Devices, people and settings",
};
const refreshMs = 2_000;

/** Whether anything in the trust's logs is not as it was written, since when, and which records. */
export const ProofPage = () => {
  const desk = useDesk();
  const { answer, fault, refresh } = useAnswer(() => desk.read(proofResponse, "/control/v1/proof"), [desk]);
  const attempt = useAttempt();
  const running = answer?.running === true;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(refresh, refreshMs);
    return () => clearInterval(timer);
  }, [running, refresh]);
  const prove = () =>
    attempt.attempt(async () => {
      await desk.change(z.object({}), "/control/v1/proof", {});
      refresh();
    });
  return (
    <>
      <div className="row">
        <h1 className="grow">Proof of the logs</h1>
        <button
          type="button"
          className="button"
          disabled={running || attempt.busy || answer?.able !== true}
          onClick={prove}
        >
          {running ? "Comparing every line …" : "Prove now"}
        </button>
      </div>
      <p className="soft">
        Every night each line is compared with its hash, its place and what witnesses outside of this service signed
        over it. What was changed, removed or added shows here, with the last time at which everything was right.
      </p>
      <Fault words={fault ?? attempt.fault} />
      {answer && <Verdict answer={answer} />}
      {answer?.latest && <Logs result={answer.latest} />}
      {answer?.latest?.logs.map((each) => (
        <Problems key={each.log} found={each} />
      ))}
      <LeftOut />
    </>
  );
};

const Verdict = ({ answer: { latest, witnesses, able } }: { answer: ProofResponse }) => (
  <>
    {latest === undefined ? (
      <p>
        {able
          ? "The logs have not been proved yet."
          : "This server seals into no archive: there is nothing to prove by."}
      </p>
    ) : (
      <p className="row" role="status">
        <span className={latest.good ? "chip ok" : "chip alarm"}>
          {latest.good ? "✓ Nothing is wrong" : "■ Something is wrong"}
        </span>
        <span>
          Compared {fullTime(latest.ranAt)}, in {latest.seconds} s
        </span>
      </p>
    )}
    {latest && !latest.good && (
      <p className="warned">
        Crews go on charting. Change nothing and restart nothing at the base: it is evidence. The runbook "Was anything
        changed?" says who is told and what to type.
      </p>
    )}
    {witnesses === 0 && able && (
      <p className="warned">
        ▲ No witness signs these logs. Whoever holds the base's own key could rewrite them, and this page would not
        tell.
      </p>
    )}
  </>
);

const Logs = ({ result }: { result: ProofResult }) => (
  <Scrolling label="What was proved">
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Log</th>
          <th scope="col">Lines</th>
          <th scope="col">Right up to line</th>
          <th scope="col">Proved up to line</th>
          <th scope="col">Last proved state</th>
          <th scope="col">By</th>
          <th scope="col">Found</th>
        </tr>
      </thead>
      <tbody>
        {result.logs.map(({ log, lines, cleanLine, provenTo, provenAt, cosigned, problemCount }) => (
          <tr key={log}>
            <th scope="row">{logWords[log]}</th>
            <td>{lines}</td>
            <td>{cleanLine}</td>
            <td>{provenTo}</td>
            <td>{provenAt === null ? "none" : <Instant at={provenAt} />}</td>
            <td>{provenAt === null ? "nobody" : cosigned ? "a witness" : "▲ the base alone"}</td>
            <td>{problemCount === 0 ? "nothing" : <span className="chip alarm">■ {problemCount}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scrolling>
);

const Problems = ({ found: { log, problems, problemCount, records, recordCount, provenAt } }: { found: ProvedLog }) => {
  if (problemCount === 0) return null;
  return (
    <section className="stack" aria-label={`What is wrong: ${logWords[log]}`}>
      <h2>{logWords[log]}</h2>
      <p>
        {provenAt === null
          ? "No head that was proved agrees with this log."
          : `What is wrong came after ${fullTime(provenAt)}.`}
      </p>
      <Scrolling label={`What is wrong, ${logWords[log]}`}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Lines</th>
              <th scope="col">How it shows</th>
            </tr>
          </thead>
          <tbody>
            {problems.map(({ kind, from, to, words }) => (
              <tr key={`${kind} ${from} ${words}`}>
                <th scope="row">{sentence(kind)}</th>
                <td>{from === null ? "" : from === to ? from : `${from} to ${to}`}</td>
                <td>{words}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
      {problemCount > problems.length && <p>And {problemCount - problems.length} more.</p>}
      {recordCount > 0 && (
        <>
          <h3>
            {recordCount} {recordCount === 1 ? "record is" : "records are"} touched
          </h3>
          <p className="soft">By id: the records office opens them, for a reason.</p>
          <ul>
            {records.map((id) => (
              <li key={id}>
                <code className="id">{id}</code>
              </li>
            ))}
          </ul>
          {recordCount > records.length && <p>And {recordCount - records.length} more.</p>}
        </>
      )}
    </section>
  );
};
