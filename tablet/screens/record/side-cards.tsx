import { mayCoSign } from "#domain/co-signature/co-signature.ts";
import { atmist } from "#domain/handover/atmist.ts";
import { type ToFinish, toFinish } from "#domain/handover/to-finish.ts";
import { useSession } from "../../record/session.tsx";

/** The soft list. Each chip opens the place where it is finished; none of them blocks anything. */
export const ToFinishTray = ({ onOpen }: { onOpen: (item: ToFinish) => void }) => {
  const { record, author } = useSession();
  // Whoever may sign is asked first; whoever waits for it has their own work before them.
  const first = mayCoSign(author);
  const list = toFinish(record).toSorted((a, b) => (first ? Number(b.coSign ?? false) - Number(a.coSign ?? false) : 0));
  if (list.length === 0) return null;
  return (
    <section className="card" aria-labelledby="finish-title">
      <h2 id="finish-title">
        To finish: {list.length} <span className="grow" /> nothing here blocks the handover
      </h2>
      <div className="finish">
        {list.map((item) => (
          <button
            key={`${item.entryId} ${item.text}`}
            type="button"
            className="btn chip-btn"
            onClick={() => onOpen(item)}
          >
            {item.text}
          </button>
        ))}
      </div>
    </section>
  );
};

/** The handover as it stands now, in the order it is spoken; the same layout as on the hospital's board. */
export const AtmistCard = ({ nowMs }: { nowMs: number }) => {
  const { record, go, earlier } = useSession();
  const rows = atmist(record, new Date(nowMs).toISOString()).map((section) => (
    <span key={section.title} className="hand-row">
      <b>{section.letter}</b>
      <span>{section.lines.join(" · ")}</span>
    </span>
  ));
  return (
    <section className="card hand-card" aria-labelledby="hand-title">
      <h2 id="hand-title">
        {earlier === undefined ? "Handover, always ready" : "Handover"} <span className="grow" /> ATMIST
      </h2>
      {earlier === undefined ? (
        <button type="button" className="hand" aria-label="Handover, full page" onClick={() => go("handover")}>
          {rows}
        </button>
      ) : (
        <div className="hand">{rows}</div>
      )}
    </section>
  );
};
