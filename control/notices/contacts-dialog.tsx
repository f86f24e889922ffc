import { useState } from "react";
import type { ContactsChange, ContactsResponse } from "#protocol/control/notices.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { type Contact, contactsMax } from "#protocol/downtime.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";

interface ContactsDialogProps {
  now: ContactsResponse;
  onDone: () => void;
  onClose: () => void;
}

const asText = (contacts: readonly Contact[]): string =>
  contacts.map(({ who, how, when }) => [who, how, when].filter(Boolean).join(" | ")).join("\n");

/** A line for each; throws a sentence about the first that is none. */
const asContacts = (text: string): Contact[] => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > contactsMax) throw new Error(`At most ${contactsMax} lines.`);
  return lines.map((line) => {
    const [who = "", how = "", when = ""] = line.split("|").map((part) => part.trim());
    if (who === "" || how === "") throw new Error(`“${line}”: whom, a stroke |, and how to reach them.`);
    return { who, how, ...(when !== "" && { when }) };
  });
};

/** The contact tree, in the order to try. */
export const ContactsDialog = ({ now, onDone, onClose }: ContactsDialogProps) => {
  const desk = useDesk();
  const [text, setText] = useState(asText(now.contacts));
  const change = async (reason: string) => {
    const body: ContactsChange = { contacts: asContacts(text), reason, expected: now.position };
    await desk.change(changedResponse, "/control/v1/contacts", body);
    onDone();
  };
  return (
    <ChangeDialog title="Whom crews call" action="Sign and send" onChange={change} onStale={onDone} onClose={onClose}>
      <label className="field">
        A line for each, in the order to try
        <textarea value={text} rows={8} onChange={(event) => setText(event.target.value)} />
        <span className="faint">As in: Duty manager | 01632 960 001 | day and night</span>
      </label>
    </ChangeDialog>
  );
};
