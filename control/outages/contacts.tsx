import { useState } from "react";
import { type ContactRow, contactsResponse } from "#protocol/control/outages.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { saveFile } from "../parts/save-file.ts";
import { type Column, FindField, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { ContactDialog } from "./contact-dialog.tsx";
import { missingInWords, outcomeWords } from "./words.ts";

interface ContactsProps {
  outageId: string;
  /** The outage in words. */
  of: string;
  mayExport: boolean;
  onReviewed: () => void;
}

/** Every contact of one outage; those that nobody has looked at come first. */
export const Contacts = ({ outageId, of, mayExport, onReviewed }: ContactsProps) => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(contactsResponse, `/control/v1/outages/${outageId}`, query), {
    sort: "review",
    order: "ascending",
  });
  const [looking, setLooking] = useState<ContactRow | null>(null);
  const [exporting, setExporting] = useState(false);
  const columns: Column<ContactRow>[] = [
    { title: "Contact", sort: "contact", heads: true, cell: (row) => <Which row={row} /> },
    { title: "First in the outage", sort: "firstAt", cell: ({ firstAt }) => firstAt && <Instant at={firstAt} /> },
    { title: "On", cell: ({ devices }) => devices.join(", ") },
    { title: "Missing", sort: "review", cell: (row) => <MissingList row={row} /> },
    { title: "Outcome", sort: "outcome", cell: (row) => <Outcome row={row} /> },
    {
      title: "Review",
      cell: (row) => (
        <RowAct act={row.outcome ? "Change" : "Review"} of={`contact ${row.contactId}`} onAct={() => setLooking(row)} />
      ),
    },
  ];
  const save = async (reason: string) =>
    saveFile(await desk.fetchFile(`/control/v1/outages/${outageId}/export`, {}, reason), "holdfast-outage.csv");
  return (
    <section className="stack" aria-label={`Contacts, ${of}`}>
      <div className="row">
        <h2 className="grow">{of}</h2>
        {mayExport && (
          <button type="button" className="button quiet" onClick={() => setExporting(true)}>
            Export
          </button>
        )}
      </div>
      <FindField label="Find a record, a form, a device or what is missing" onFind={table.find} />
      <TableView
        caption="Contacts of the outage"
        table={table}
        columns={columns}
        keyOf={(row) => row.contactId}
        empty="No contact was in that time."
      />
      {looking && (
        <ContactDialog
          outageId={outageId}
          row={looking}
          onDone={() => {
            table.refresh();
            onReviewed();
          }}
          onClose={() => setLooking(null)}
        />
      )}
      {exporting && (
        <ChangeDialog
          title="Export the contacts"
          action="Export"
          onChange={save}
          onStale={() => {}}
          onClose={() => setExporting(false)}
        />
      )}
    </section>
  );
};

const Which = ({ row: { recordId, forms, contactId } }: { row: ContactRow }) => (
  <>
    <code className="id">{recordId ?? (forms.length > 0 ? "" : contactId)}</code>
    {forms.map((number) => (
      <p key={number} className="faint">
        Paper form {number}
      </p>
    ))}
  </>
);

const MissingList = ({ row: { missing } }: { row: ContactRow }) =>
  missing.length === 0 ? (
    <span>Nothing</span>
  ) : (
    <ul className="plain">
      {missing.map((each) => (
        <li key={each.what}>{missingInWords(each)}</li>
      ))}
    </ul>
  );

const Outcome = ({ row: { outcome, words, reviewedBy, missing, more } }: { row: ContactRow }) => (
  <>
    {more && (
      <p>
        <span className="chip alarm">▲ More is missing since the review</span>
      </p>
    )}
    {outcome === undefined ? (
      missing.length > 0 && <span className="chip alarm">▲ Not looked at yet</span>
    ) : (
      <span>
        {outcomeWords[outcome]}, {reviewedBy}: {words}
      </span>
    )}
  </>
);
