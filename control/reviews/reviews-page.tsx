import { useState } from "react";
import { type ReviewRow, reviewsResponse } from "#protocol/control/reviews.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "../parts/instant.tsx";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { sentence } from "../parts/words.ts";
import { outcomeWords, ReviewDialog } from "./review-dialog.tsx";

/** Whoever opens something now is on this page before they have read it. */
const askAgainMs = 5_000;

export const ReviewsPage = () => {
  const desk = useDesk();
  const table = useTable(
    (query) => desk.read(reviewsResponse, "/control/v1/reviews", query),
    { sort: "outcome", order: "ascending" },
    askAgainMs,
  );
  const [looking, setLooking] = useState<ReviewRow | null>(null);

  const columns: Column<ReviewRow>[] = [
    { title: "Opened", sort: "openedAt", heads: true, cell: (row) => <Instant at={row.openedAt} /> },
    { title: "Who", sort: "person", cell: (row) => `${row.person}${row.device ? `, on ${row.device}` : ""}` },
    { title: "What", sort: "of", cell: (row) => <What row={row} /> },
    { title: "Reason given", cell: (row) => row.reason },
    { title: "Outcome", sort: "outcome", cell: (row) => <Outcome row={row} /> },
    {
      title: "Review",
      cell: (row) => (
        <RowAct
          act={row.outcome ? "Change" : "Review"}
          of={`what ${row.person} opened`}
          onAct={() => setLooking(row)}
        />
      ),
    },
  ];
  return (
    <>
      <h1>Break-glass review</h1>
      <p className="soft">
        Whatever was opened past the usual rules comes here, and each passkey code that one person gave to another.
        Those that nobody has looked at come first.
      </p>
      <FindField label="Find a person, a device or a record" onFind={table.find} />
      <TableView
        caption="What was opened past the usual rules, and codes"
        table={table}
        columns={columns}
        keyOf={(row) => row.reviewId}
        empty="Nothing was opened past the usual rules."
      />
      {looking && <ReviewDialog row={looking} onDone={table.refresh} onClose={() => setLooking(null)} />}
    </>
  );
};

const What = ({ row }: { row: ReviewRow }) => (
  <>
    {row.of === "search" ? `Look-up of a patient, ${foundWords(row.found ?? 0)}, none opened` : sentence(row.of)}
    {row.for && `, for ${row.for}`}
    {row.recordId && `, ${row.recordId}`}
    {row.restricted && (
      <>
        {" "}
        <span className="chip wait">▲ Restricted record</span>
      </>
    )}
  </>
);

const foundWords = (found: number): string =>
  found === 0 ? "no record found" : found === 1 ? "1 record found" : `${found} records found`;

const Outcome = ({ row }: { row: ReviewRow }) =>
  row.outcome === undefined ? (
    <span className="chip alarm">▲ Not looked at yet</span>
  ) : (
    <>
      {outcomeWords[row.outcome]}, {row.reviewedBy}: {row.words}
    </>
  );
