import { useState } from "react";
import { contactsResponse, type NoticeRow, noticesResponse } from "#protocol/control/notices.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Instant } from "../parts/instant.tsx";
import { type Column, RowAct, TableView } from "../parts/table.tsx";
import { useTable } from "../parts/use-table.ts";
import { ContactsDialog } from "./contacts-dialog.tsx";
import { NoticeDialog } from "./notice-dialog.tsx";

/** What crews are told when e-mail is down, and whom they call when nothing answers. */
export const NoticesPage = () => {
  const desk = useDesk();
  const table = useTable((query) => desk.read(noticesResponse, "/control/v1/notices", query), {
    sort: "issuedAt",
    order: "descending",
  });
  const contacts = useAnswer(() => desk.read(contactsResponse, "/control/v1/contacts"), [desk]);
  const [open, setOpen] = useState<"notice" | "contacts" | null>(null);
  const [ending, setEnding] = useState<NoticeRow | null>(null);
  const end = async (reason: string) => {
    if (ending === null) return;
    const body = { reason, expected: ending.position };
    await desk.change(changedResponse, `/control/v1/notices/${ending.noticeId}/end`, body);
    table.refresh();
  };
  const columns: Column<NoticeRow>[] = [
    { title: "Notice", sort: "title", heads: true, cell: (row) => row.title },
    { title: "Words", cell: (row) => row.words },
    { title: "Sent", sort: "issuedAt", cell: (row) => <Instant at={row.issuedAt} /> },
    { title: "By", cell: (row) => row.by },
    { title: "Until", sort: "until", cell: (row) => (row.over ? "Over" : <Instant at={row.until} />) },
    {
      title: "What to do",
      cell: (row) => (row.over ? "—" : <RowAct act="End" of={row.title} onAct={() => setEnding(row)} />),
    },
  ];
  return (
    <>
      <h1>Notices to crews</h1>
      <header className="row">
        <p className="soft grow">
          Signed by the trust and shown on every tablet, whichever server brings them, also when the tablet is locked.
        </p>
        <button type="button" className="button" onClick={() => setOpen("notice")}>
          New notice
        </button>
      </header>
      <TableView
        caption="Notices to crews"
        table={table}
        columns={columns}
        keyOf={(row) => row.noticeId}
        empty="No notice was sent yet."
      />
      <div className="stack">
        <header className="row">
          <h2 className="grow">Whom crews call</h2>
          <button
            type="button"
            className="button quiet"
            disabled={contacts.answer === undefined}
            onClick={() => setOpen("contacts")}
          >
            Change
          </button>
        </header>
        <Fault words={contacts.fault} />
        {contacts.answer?.contacts.length === 0 && <p>Nobody is named yet: tablets and paper packs show no numbers.</p>}
        <ol>
          {contacts.answer?.contacts.map(({ who, how, when }) => (
            <li key={`${who} ${how}`}>
              <strong>{who}</strong>: {how}
              {when && `, ${when}`}
            </li>
          ))}
        </ol>
      </div>
      {open === "notice" && <NoticeDialog onDone={table.refresh} onClose={() => setOpen(null)} />}
      {open === "contacts" && contacts.answer && (
        <ContactsDialog now={contacts.answer} onDone={contacts.refresh} onClose={() => setOpen(null)} />
      )}
      {ending && (
        <ChangeDialog
          title={`End “${ending.title}”`}
          action="End it"
          onChange={end}
          onStale={table.refresh}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
};
