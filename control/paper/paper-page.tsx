import { useState } from "react";
import { packOf, readPaperNumber } from "#domain/paper/number.ts";
import {
  type FormRow,
  type FormState,
  type FormsResponse,
  formRow,
  formsResponse,
  openStates,
} from "#protocol/control/paper.ts";
import { Fault } from "#ui/fault.tsx";
import { useAttempt } from "#ui/use-attempt.ts";
import { useDesk } from "../desk/desk-context.ts";
import { DeskFailure } from "../desk/desk-failure.ts";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { FormPanel } from "./form-panel.tsx";
import { NumberField } from "./number-field.tsx";
import { PackDialog } from "./pack-dialogs.tsx";
import { Packs } from "./packs.tsx";
import { ageText, stateWords } from "./words.ts";
import "./paper.css";

/** Paper forms, back into the record: one number at a time, until every number is accounted for. */
export const PaperPage = () => {
  const desk = useDesk();
  const [row, setRow] = useState<FormRow | null>(null);
  const [said, setSaid] = useState("");
  const [unknown, setUnknown] = useState<string | null>(null);
  const { busy, fault, attempt } = useAttempt();
  const table = useTable((query) => desk.read(formsResponse, "/control/v1/paper/forms", query), {
    sort: "since",
    order: "ascending",
  });
  const open = (number: string) =>
    attempt(async () => {
      setSaid("");
      try {
        setRow(await desk.read(formRow, `/control/v1/paper/forms/${number}`));
      } catch (failure) {
        if (failure instanceof DeskFailure && failure.code === "unknown-pack") setUnknown(number);
        throw failure;
      }
    });
  const done = (words = "") => {
    setRow(null);
    setSaid(words);
    table.refresh();
  };
  if (row !== null)
    return (
      <>
        <h1>Paper forms</h1>
        <FormPanel
          key={`${row.number} ${row.position}`}
          row={row}
          onDone={done}
          onStale={() => void open(row.number)}
        />
      </>
    );
  return (
    <>
      <h1>Paper forms</h1>
      <NumberField busy={busy} onNumber={(number) => void open(number)} />
      <p role="status">{said}</p>
      <Fault words={fault} />
      {table.page && <Counts counts={table.page.counts} />}
      <div className="stack">
        <h2>Numbers not accounted for</h2>
        <FindField label="Find a number, a pack or a vehicle" onFind={table.find} />
        <TableView
          caption="Numbers not accounted for"
          table={table}
          columns={columnsFor((number) => void open(number))}
          keyOf={(each) => each.number}
          empty="Every number that was given out is accounted for."
        />
      </div>
      <Packs onChanged={table.refresh} />
      {unknown !== null && (
        <PackDialog
          pack={packNamed(unknown)}
          onDone={() => {
            setUnknown(null);
            void open(unknown);
          }}
          onClose={() => setUnknown(null)}
        />
      )}
    </>
  );
};

const packNamed = (number: string): string => {
  const read = readPaperNumber(number);
  return "fault" in read ? "" : packOf(read.number);
};

const columnsFor = (onOpen: (number: string) => void): Column<FormRow>[] => [
  { title: "Number", sort: "number", heads: true, cell: (row) => row.number },
  { title: "What is known", sort: "state", cell: (row) => stateWords[row.state] },
  { title: "Vehicle", sort: "vehicle", cell: (row) => (row.vehicle ? `${row.vehicle}, ${row.heldBy}` : "—") },
  { title: "For", sort: "since", cell: (row) => ageText(row.since, Date.now()) },
  { title: "Transcribed by", cell: (row) => row.transcribedBy ?? "—" },
  {
    title: "What to do",
    cell: (row) => (
      <RowAct act={row.state === "waiting" ? "Check" : "Open"} of={row.number} onAct={() => onOpen(row.number)} />
    ),
  },
];

/** How far the desk has come with all numbers, in one line, whatever is being looked for below. */
const Counts = ({ counts }: Pick<FormsResponse, "counts">) => {
  const of = (...states: FormState[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const open = of(...openStates);
  return (
    <p className="paper-counts">
      {open > 0 ? <strong>▲ {open} not accounted for</strong> : <strong>✓ Every number is accounted for</strong>}
      {`: ${of("waiting", "checked")} wait for a second person, ${of("sent-back")} sent back, ${of("out")} out. `}
      {`${of("entered")} entered, ${of("void")} void, ${of("lost")} lost, ${of("not-used")} not used, ${of("in-store")} in the store.`}
    </p>
  );
};
