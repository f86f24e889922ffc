import { useState } from "react";
import { type ProposalRow, proposalDays, proposalsResponse } from "#protocol/control/proposals.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { DecisionDialog } from "./decision-dialog.tsx";
import { proposalInWords, stateInWords, waysInWords } from "./proposal-words.ts";

type Show = "waiting" | "decided";
type Deciding = { row: ProposalRow; decision: "approve" | "decline" };

/** What needs a second person, and what became of it. */
export const ApprovalsPage = () => {
  const [show, setShow] = useState<Show>("waiting");
  return (
    <>
      <h1>To approve</h1>
      <p className="soft">
        Each of these takes two people: who proposed it, and somebody else. After {proposalDays} days without a decision
        it lapses.
      </p>
      <fieldset className="row ask-about">
        <legend className="words-only">Which to show</legend>
        {(["waiting", "decided"] as const).map((each) => (
          <label key={each} className="row">
            <input type="radio" name="show" checked={show === each} onChange={() => setShow(each)} />
            {each === "waiting" ? "Waiting" : "Decided or lapsed"}
          </label>
        ))}
      </fieldset>
      <Proposals key={show} show={show} />
    </>
  );
};

const Proposals = ({ show }: { show: Show }) => {
  const desk = useDesk();
  const isWaiting = show === "waiting";
  const table = useTable((query) => desk.read(proposalsResponse, "/control/v1/proposals", { ...query, show }), {
    sort: isWaiting ? "since" : "decided",
    order: isWaiting ? "ascending" : "descending",
  });
  const [deciding, setDeciding] = useState<Deciding | null>(null);

  const columns: Column<ProposalRow>[] = [
    { title: "Since", sort: "since", cell: (row) => <Instant at={row.since} /> },
    { title: "What", sort: "what", heads: true, cell: (row) => <What row={row} /> },
    { title: "Proposed by", sort: "by", cell: (row) => row.by },
    { title: "Why", cell: (row) => row.reason },
    isWaiting
      ? { title: "Decide", cell: (row) => <Decide row={row} onDecide={setDeciding} /> }
      : { title: "Outcome", sort: "decided", cell: (row) => <Outcome row={row} /> },
  ];
  return (
    <>
      <FindField label="Find a person or a record" onFind={table.find} />
      <TableView
        caption={isWaiting ? "Waiting for a second person" : "Decided or lapsed"}
        table={table}
        columns={columns}
        keyOf={(row) => row.proposalId}
        empty={isWaiting ? "Nothing waits for a second person." : "Nothing was decided yet."}
      />
      {deciding && <DecisionDialog {...deciding} onDone={table.refresh} onClose={() => setDeciding(null)} />}
    </>
  );
};

const What = ({ row }: { row: ProposalRow }) => (
  <span className="stack tight">
    <span>{proposalInWords(row)}</span>
    {row.passkeys !== undefined && <span className="faint">{waysInWords(row)}</span>}
    {row.early && <span className="chip wait">▲ Before the retention term has ended</span>}
    {row.hold && <span className="chip alarm">■ Legal hold: it cannot end</span>}
    {row.demonstration && <span className="faint">A record of the demonstration</span>}
  </span>
);

const Decide = ({ row, onDecide }: { row: ProposalRow; onDecide: (deciding: Deciding) => void }) => {
  if (row.state === "approved") return <span className="chip wait">▲ Agreed, and not carried out yet</span>;
  if (row.own) return "Yours: somebody else decides";
  return (
    <span className="acts">
      {!row.hold && (
        <RowAct act="Approve" of={`“${proposalInWords(row)}”`} onAct={() => onDecide({ row, decision: "approve" })} />
      )}
      <RowAct act="Decline" of={`“${proposalInWords(row)}”`} onAct={() => onDecide({ row, decision: "decline" })} />
    </span>
  );
};

const Outcome = ({ row }: { row: ProposalRow }) => (
  <span className="stack tight">
    <span>{stateInWords(row)}</span>
    {row.decidedBy !== undefined && row.decided !== undefined && (
      <span>
        {row.decidedBy}: {row.words}
      </span>
    )}
    {row.decided !== undefined && (
      <span className="faint">
        <Instant at={row.decided} />
      </span>
    )}
  </span>
);
