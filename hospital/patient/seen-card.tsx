import { useState } from "react";
import type { Client } from "#client/client.ts";
import type { CareRecord } from "#domain/record.ts";
import { AccessDialog } from "#ui/access-dialog.tsx";
import { clockTimeSeenFrom } from "#ui/times.ts";

/** Who at a hospital has had this record before them: a receipt that nobody can name is none. */
export const SeenCard = ({ client, record, nowMs }: { client: Client; record: CareRecord; nowMs: number }) => {
  const [isAsked, setAsked] = useState(false);
  const shown = new Map<string, { name: string; at: string }>();
  for (const { body, occurredAt } of record.receipts)
    if (body.what === "displayed" && !shown.has(body.site.siteId))
      shown.set(body.site.siteId, { name: body.site.name, at: occurredAt });
  const people = new Map<string, { words: string; at: string }>();
  for (const { body, author, occurredAt } of record.receipts)
    if (body.what === "seen")
      people.set(author.userId, { words: `Seen by ${author.name}, ${author.role}, ${body.site.name}`, at: occurredAt });
  return (
    <section className="card" aria-labelledby="seen">
      <h2 id="seen">Who has seen this</h2>
      <ul className="seen">
        {record.acceptances.map(({ entry, known: { body } }) => (
          <li key={entry.id}>
            <b className="ok">✓ Accepted by {body.acceptedBy}</b>
            {body.role !== undefined && `, ${body.role}`} {clockTimeSeenFrom(entry.occurredAt, nowMs)}
            {body.comment !== undefined && <div className="sub">“{body.comment}”</div>}
          </li>
        ))}
        {[...people.entries()].map(([userId, { words, at }]) => (
          <li key={userId}>
            ✓✓ {words}, last {clockTimeSeenFrom(at, nowMs)}
          </li>
        ))}
        {[...shown.entries()].map(([siteId, { name, at }]) => (
          <li key={siteId}>
            ✓ On the screen at {name} since {clockTimeSeenFrom(at, nowMs)}
          </li>
        ))}
        {shown.size === 0 && people.size === 0 && record.acceptances.length === 0 && (
          <li className="soft">Nobody yet.</li>
        )}
      </ul>
      <button type="button" className="button quiet" onClick={() => setAsked(true)}>
        Everybody who has had it
      </button>
      {isAsked && (
        <AccessDialog
          load={(before) => client.accessesOf(record.recordId, before)}
          nowMs={nowMs}
          onClose={() => setAsked(false)}
        />
      )}
    </section>
  );
};
