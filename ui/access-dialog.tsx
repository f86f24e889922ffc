import { useEffect, useState } from "react";
import type { RecordAccessesResponse, ShownAccess } from "#protocol/accesses.ts";
import { accessorWords, accessWords } from "./access-words.ts";
import { Dialog } from "./dialog.tsx";
import { clockTimeSeenFrom } from "./times.ts";

interface AccessDialogProps {
  /** A page of the record's accesses, newest first; rejects with an Error whose message can be shown. */
  load: (before?: string) => Promise<RecordAccessesResponse>;
  nowMs: number;
  onClose: () => void;
}

/** Everybody who has had this record, from the base's access log: asked for when it is opened, never kept. */
export const AccessDialog = ({ load, nowMs, onClose }: AccessDialogProps) => {
  const [shown, setShown] = useState<readonly ShownAccess[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"loading" | "shown" | { failed: string }>("loading");
  const ask = (before?: string): void => {
    setState("loading");
    load(before).then(
      (page) => {
        setShown((earlier) => [...(before === undefined ? [] : earlier), ...page.accesses]);
        setNext(page.next);
        setState("shown");
      },
      (error: Error) => setState({ failed: error.message }),
    );
  };
  // Once: the page's own clock draws it anew each second, with a new `load`.
  useEffect(() => ask(), []);
  return (
    <Dialog title="Who has had this record" onClose={onClose} wide>
      {shown.length > 0 && (
        <table className="accesses">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((access) => (
              <tr key={`${access.epoch} ${access.position}`}>
                <td>{clockTimeSeenFrom(access.offlineAt ?? access.notedAt ?? access.received, nowMs)}</td>
                <td>{accessorWords(access)}</td>
                <td>
                  {accessWords(access)}
                  {access.reason !== undefined && ` (“${access.reason}”)`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {state === "loading" && <p role="status">Asking the base …</p>}
      {typeof state === "object" && <p role="alert">{state.failed}</p>}
      {state === "shown" && next !== null && (
        <button type="button" className="button" onClick={() => ask(next)}>
          Older
        </button>
      )}
    </Dialog>
  );
};
