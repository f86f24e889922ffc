import { atmist } from "#domain/handover/atmist.ts";
import { useNow } from "#ui/age.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { TextField } from "../../shell/text-field.tsx";
import { AcceptanceCard } from "./acceptance-card.tsx";
import "./handover.css";

/** The whole handover to read out, the hospital's acceptance as a receipt, and the receiver's name. Nothing here blocks it. */
export const HandoverScreen = () => {
  const { record, write, go } = useSession();
  const now = useNow(10_000);
  const [receiverName, setReceiverName] = useKept("receiver name", "");
  const [receiverRole, setReceiverRole] = useKept("receiver role", "");
  const [comment, setComment] = useKept("handover comment", "");
  const save = async () => {
    await write("handover", {
      ...(receiverName.trim() ? { receiverName: receiverName.trim() } : {}),
      ...(receiverRole.trim() ? { receiverRole: receiverRole.trim() } : {}),
      ...(comment.trim() ? { comment: comment.trim() } : {}),
    });
    await write("milestone", { milestone: "handed-over" });
    go("timeline");
  };
  return (
    <div className="screen">
      <ScreenHeader title="Handover" />
      <main className="handover">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to reach it */}
        <section className="card atmist" aria-label="ATMIST" tabIndex={0}>
          {atmist(record, new Date(now).toISOString()).map((section) => (
            <div key={section.title} className="part">
              <b aria-hidden>{section.letter}</b>
              <h2>{section.title}</h2>
              <div>
                {section.lines.map((line) => (
                  <p key={line}>{line}</p>
                ))}
              </div>
            </div>
          ))}
        </section>
        <section className="stack">
          <AcceptanceCard />
          <div className="card pad-in stack">
            <TextField
              label="Receiver's name"
              value={receiverName}
              onChange={setReceiverName}
              maxLength={200}
              hint="Where no screen could accept."
            />
            <TextField label="Receiver's role" value={receiverRole} onChange={setReceiverRole} maxLength={200} />
            <TextField label="Comment" value={comment} onChange={setComment} rows={2} maxLength={20_000} />
          </div>
        </section>
      </main>
      <footer className="bar-bottom">
        <span className="small">What is still to finish can be finished afterwards.</span>
        <span className="grow" />
        <button type="button" className="btn" onClick={() => go("film")}>
          Show to the hospital's camera
        </button>
        <button type="button" className="btn primary big" onClick={() => void save()}>
          Record handover
        </button>
      </footer>
    </div>
  );
};
