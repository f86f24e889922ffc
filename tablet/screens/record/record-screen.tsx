import type { ToFinish } from "#domain/handover/to-finish.ts";
import type { RecordLine } from "#domain/record.ts";
import { useNow } from "#ui/age.ts";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { CoSignSheet } from "../co-sign/co-sign-sheet.tsx";
import { favouriteDrug } from "../drug/favourite.ts";
import { EntryPanel } from "../entry/entry-panel.tsx";
import { MoreSheet } from "../more/more-sheet.tsx";
import { ConfirmAuthor } from "./confirm-author.tsx";
import { RecordHeader } from "./header.tsx";
import { ObsTiles } from "./obs-tiles.tsx";
import { QuickBar } from "./quick-bar.tsx";
import { inArrest } from "./quick-tiles.ts";
import { AtmistCard, ToFinishTray } from "./side-cards.tsx";
import { Timeline } from "./timeline.tsx";
import "./record.css";

/** Home of an open record: the timeline, what is latest, what is left to finish, the handover, and the quick-log bar. */
export const RecordScreen = ({ onHome, onMenu }: { onHome: () => void; onMenu: () => void }) => {
  const { record, go, write, enrolment } = useSession();
  const now = useNow(10_000);
  const [open, setOpen] = useKept<{ id: string; finish: boolean } | null>("open entry", null);
  const [more, setMore] = useKept("more", false);
  const [coSigning, setCoSigning] = useKept("co-signing", false);
  const line = record.lines.find((one) => one.entry.id === open?.id);

  const finish = (item: ToFinish) => {
    if (item.coSign) return setCoSigning(true);
    const target = record.lines.find((one) => one.entry.id === item.entryId);
    if (target !== undefined && !fieldScreens.has(target.entry.kind))
      return setOpen({ id: target.entry.id, finish: true });
    if (item.text.startsWith("Allergies")) return go("patient", "allergies");
    if (item.text.startsWith("Presentation")) return go("presentation");
    if (item.text.startsWith("Observations")) return go("obs");
    return go("patient");
  };

  const giveFavourite = async (name: RegExp) => {
    const favourite = favouriteDrug(name, {
      formulary: enrolment.formulary,
      record,
      deviceId: enrolment.deviceId,
      at: new Date().toISOString(),
      arrest: inArrest(record),
    });
    if ("ask" in favourite) return go("drug", favourite.ask);
    await write("drug", favourite.give, { undo: `${favourite.give.drug} ${clockTime(Date.now())}` });
  };

  return (
    <div className="screen">
      <RecordHeader onHome={onHome} onMenu={onMenu} />
      <main className="record-main">
        <Timeline nowMs={now} onOpen={(one: RecordLine) => setOpen({ id: one.entry.id, finish: false })} />
        <div className="side">
          <ConfirmAuthor />
          <ObsTiles nowMs={now} />
          <ToFinishTray onOpen={finish} />
          <AtmistCard nowMs={now} />
        </div>
      </main>
      <QuickBar onMore={() => setMore(true)} onDrug={(name) => void giveFavourite(name)} />
      {line === undefined ? null : (
        <EntryPanel key={line.entry.id} line={line} finish={open?.finish ?? false} onClose={() => setOpen(null)} />
      )}
      {coSigning ? <CoSignSheet onClose={() => setCoSigning(false)} /> : null}
      {more ? <MoreSheet onClose={() => setMore(false)} /> : null}
    </div>
  );
};

/** Kinds with a screen of their own, where they are finished. */
const fieldScreens: ReadonlySet<string> = new Set(["patient", "allergies", "presentation"]);
