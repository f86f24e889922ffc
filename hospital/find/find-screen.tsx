import { useState } from "react";
import { Link } from "wouter";
import type { EarlierRecord } from "#client/earlier.ts";
import { Fault } from "#ui/fault.tsx";
import { Icon } from "#ui/icons.tsx";
import { noLookUp, readLookUp } from "#ui/look-up.ts";
import { useAttempt } from "#ui/use-attempt.ts";
import type { Cell } from "../cells/cell.ts";
import { useCells } from "../cells/use-cells.ts";
import { useBoardNow } from "../shell/clock.tsx";
import { ScreenFoot } from "../shell/screen-foot.tsx";
import { usePerson } from "../sign-in/person.ts";
import { FoundList } from "./found-list.tsx";
import { FoundPatient } from "./found-patient.tsx";
import { type FoundAll, type FoundAt, findAtAll, openFound } from "./look-up.ts";
import { LookUpForm } from "./look-up-form.tsx";
import "../arrivals/board.css";
import "../patient/patient.css";
import "./find.css";

/** A patient who is here, and whose record is not: found by who they are, opened for a reason, kept in no place. */
export const FindScreen = () => {
  const { cells, snapshots } = useCells();
  const person = usePerson();
  const nowMs = useBoardNow(snapshots, 5000);
  const [form, setForm] = useState(noLookUp);
  const [all, setAll] = useState<FoundAll | null>(null);
  const [open, setOpen] = useState<{ found: FoundAt; opened: EarlierRecord } | null>(null);
  const { busy, fault, attempt } = useAttempt();
  // What a service told goes when this person is signed out there, though another service still knows them.
  const isHere = ({ client }: Cell) => client.getSnapshot().signedIn !== null;
  if (open !== null && open.found.cell.client.getSnapshot().signedIn?.userId !== open.opened.openedBy) setOpen(null);
  if (all?.found.some(({ cell }) => !isHere(cell)))
    setAll({ ...all, found: all.found.filter(({ cell }) => isHere(cell)) });

  const find = () =>
    attempt(async () => {
      const read = readLookUp(form);
      setAll(null);
      if ("by" in read) setAll(await findAtAll(cells, read.by, read.reason, person));
    });
  const choose = (found: FoundAt) =>
    attempt(async () => setOpen({ found, opened: await openFound(found, form.reason.trim()) }));

  return (
    <div className="patient-page">
      {open !== null ? (
        <FoundPatient {...open} nowMs={nowMs} onBack={() => setOpen(null)} />
      ) : (
        <>
          <header className="bar">
            <Link href="/" className="button quiet">
              <Icon name="back" size={20} /> Arrivals
            </Link>
            <h1>Find another patient</h1>
            <p className="soft">Somebody who is here and is not on your board. It opens at once, for a reason.</p>
          </header>
          <main className="find">
            <LookUpForm form={form} onChange={setForm} onFind={() => void find()} busy={busy} />
            <div className="stack">
              <Fault words={fault} />
              {all !== null && (
                <FoundList all={all} nowMs={nowMs} opening={busy} onOpen={(found) => void choose(found)} />
              )}
            </div>
          </main>
        </>
      )}
      <ScreenFoot nowMs={nowMs} />
    </div>
  );
};
