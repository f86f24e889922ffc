import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { coSignText } from "#domain/co-signature/words.ts";
import { lineText } from "#domain/entry/compose.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { struckWhy } from "#domain/entry/struck.ts";
import type { Kind } from "#domain/kinds.ts";
import { sourceText } from "#domain/paper/source-words.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import { Dialog } from "#ui/dialog.tsx";
import { StateMark } from "#ui/state-mark.tsx";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { AttachedEcg } from "../ecg/attached-ecg.tsx";
import { whereItIs } from "../record/entry-place.ts";
import { AmendForm } from "./amend-form.tsx";
import { StrikeForm } from "./strike-form.tsx";
import { TimeChips } from "./time-chips.tsx";
import "./entry.css";

interface EntryPanelProps {
  line: RecordLine;
  /** Opened from "To finish": the details come first. */
  finish: boolean;
  onClose: () => void;
}

/** One entry: what it says, where it is, its time by chips, amend and strike with a reason, and every earlier version. */
export const EntryPanel = ({ line, finish, onClose }: EntryPanelProps) => {
  const { record, states, archived, earlier } = useSession();
  const [doing, setDoing] = useKept<"amend" | "strike" | null>(
    `doing ${line.entry.id}`,
    finish && line.state === "current" ? "amend" : null,
  );
  const { entry } = line;
  const { title, detail } = lineText(line, record);
  // Of a struck line the strike is what must arrive.
  const said = line.struckBy ?? entry;
  const where = whereItIs(record, said, states.get(said.id), archived.has(said.id));
  const struck = line.state === "struck";
  // What a hospital or another device wrote is theirs to change; what the crew wrote is the crew's, whoever of them it was.
  const ours = earlier === undefined && !hospitalKinds.has(entry.kind);
  return (
    <Dialog title={`${clockTime(entry.occurredAt)} · ${kindWords(entry.kind)}`} onClose={onClose} wide>
      <div className="sheet">
        <div className="entry-facts">
          <div className={struck ? "big struck" : "big"}>{title}</div>
          {detail === "" ? null : <div className={struck ? "struck" : undefined}>{detail}</div>}
          {struck ? (
            <b className="flag">
              Struck {clockTime(line.struckBy!.occurredAt)} by {line.struckBy!.author.name}: {struckWhy(line.struckBy!)}
            </b>
          ) : null}
          <div className="small">
            Written by {entry.author.name}, {entry.author.role}
            {sourceText(entry.author)} · recorded {clockTime(entry.recorded.clock)}
          </div>
          {line.coSign === undefined ? null : (
            <b className={awaitsCoSign(line) ? "flag" : "small"}>{capital(coSignText(line))}</b>
          )}
          <div className="row">
            <StateMark state={where.place} withWords />
            <span className="small">{where.words}</span>
            {where.lacksBase ? <b className="flag">! not yet at the base</b> : null}
            {where.inArchive && where.place !== "archive" ? <StateMark state="archive" withWords /> : null}
            {where.keptAside && where.words === "" ? (
              <b className="flag">! kept aside at the base: it could not read this entry</b>
            ) : null}
          </div>
        </div>
        {line.known === null ? <pre className="unread">{JSON.stringify(entry.body, null, 2)}</pre> : null}
        {entry.kind === "ecg" && entry.blobs?.[0] !== undefined ? <AttachedEcg sha256={entry.blobs[0].sha256} /> : null}
        {doing === "amend" && line.known !== null ? (
          <AmendForm line={line} known={line.known} reason={finish ? "details added" : ""} onDone={onClose} />
        ) : null}
        {doing === "strike" ? <StrikeForm line={line} onDone={onClose} /> : null}
        {doing === null && !struck && ours ? (
          <>
            {line.known === null ? null : <TimeChips line={line} known={line.known} onDone={onClose} />}
            <div className="actions">
              {line.known === null ? null : (
                <button type="button" className="btn" onClick={() => setDoing("amend")}>
                  Amend
                </button>
              )}
              <button type="button" className="btn danger" onClick={() => setDoing("strike")}>
                Strike
              </button>
            </div>
          </>
        ) : null}
        <Versions record={record} versions={line.history} />
      </div>
    </Dialog>
  );
};

/** Earlier versions, newest first, readable as they were. */
const Versions = ({ record, versions }: { record: CareRecord; versions: readonly Entry[] }) => {
  const { record: current } = useSession();
  if (versions.length === 0) return null;
  const lines = versions
    .map((version) => record.lines.find((one) => one.entry.id === version.id))
    .filter((one) => one !== undefined);
  return (
    <section>
      <h2>History</h2>
      <ul className="versions">
        {lines.reverse().map((one) => {
          const { title, detail } = lineText(one, current);
          const next = one.amendedBy.at(-1);
          return (
            <li key={one.entry.id}>
              <s>{title}</s> {detail === "" ? null : <s>{detail}</s>}
              <div className="small">
                {clockTime(one.entry.occurredAt)}, {one.entry.author.name}
                {next?.ref === undefined ? "" : ` · amended by ${next.author.name}: ${next.ref.reason}`}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
};

const hospitalKinds: ReadonlySet<string> = new Set(["acceptance", "place"]);
const words: Partial<Record<Kind, string>> = {
  "spo2-scale": "SpO₂ scale",
  ecg: "12-lead ECG",
  prealert: "Pre-alert",
};
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const kindWords = (kind: string): string => words[kind as Kind] ?? capital(kind);
