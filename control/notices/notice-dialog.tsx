import { useState } from "react";
import type { NoticeNew } from "#protocol/control/notices.ts";
import { changedResponse } from "#protocol/control/page.ts";
import { noticeDaysMax, noticeWordsMax } from "#protocol/downtime.ts";
import { TextField } from "#ui/text-field.tsx";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";

const hourMs = 3_600_000;

/** A notice: the trust's key signs it, and every tablet shows it until it is over. */
export const NoticeDialog = ({ onDone, onClose }: { onDone: () => void; onClose: () => void }) => {
  const desk = useDesk();
  const [title, setTitle] = useState("");
  const [words, setWords] = useState("");
  const [hours, setHours] = useState("12");
  const send = async (reason: string) => {
    const until = new Date(Date.now() + Number(hours) * hourMs).toISOString();
    const body: NoticeNew = { title, words, until, reason };
    await desk.change(changedResponse, "/control/v1/notices", body);
    onDone();
  };
  return (
    <ChangeDialog
      title="New notice to every crew"
      action="Sign and send"
      onChange={send}
      onStale={onDone}
      onClose={onClose}
    >
      <TextField label="Title" value={title} required minLength={3} maxLength={120} onChange={setTitle} />
      <label className="field">
        What they are to know or do
        <textarea
          value={words}
          required
          minLength={3}
          maxLength={noticeWordsMax}
          rows={5}
          onChange={(event) => setWords(event.target.value)}
        />
      </label>
      <TextField
        label="Shown for, hours"
        type="number"
        value={hours}
        required
        min={1}
        max={noticeDaysMax * 24}
        onChange={setHours}
      />
      <p className="faint">Tablets get it with their next contact, within ten minutes. Never a patient’s name.</p>
    </ChangeDialog>
  );
};
