import { type HistoryLine, historyResponse } from "#protocol/control/page.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Fault } from "#ui/fault.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { Instant } from "./instant.tsx";
import { Scrolling } from "./scrolling.tsx";

interface HistoryDialogProps {
  title: string;
  /** `/control/v1/devices/{deviceId}/history` */
  path: string;
  /** For the access log, where the policy asks for one. */
  reason?: string;
  onClose: () => void;
}

/** What a subject was, who changed it, when and why: newest first. */
export const HistoryDialog = ({ title, path, reason, onClose }: HistoryDialogProps) => {
  const desk = useDesk();
  const { answer, fault } = useAnswer(() => desk.read(historyResponse, path, {}, reason), [desk, path, reason]);
  const lines = answer?.lines;
  return (
    <Dialog title={title} onClose={onClose} wide>
      <Fault words={fault} />
      {lines === undefined && fault === null && <p role="status">Asking…</p>}
      {lines?.length === 0 && <p>Nobody has changed this yet.</p>}
      {lines !== undefined && lines.length > 0 && (
        <Scrolling label={title}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">What</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.position}>
                  <th scope="row">
                    <Instant at={line.changed} />
                  </th>
                  <td>{line.by}</td>
                  <td>
                    <ul className="plain">
                      {line.fields.map((field) => (
                        <li key={field.field}>{fieldInWords(field)}</li>
                      ))}
                    </ul>
                  </td>
                  <td>{line.reason ?? "—"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolling>
      )}
    </Dialog>
  );
};

const fieldInWords = ({ field, before, after }: HistoryLine["fields"][number]): string => {
  const name = field.replace(/([A-Z])/g, " $1").toLowerCase();
  if (before === undefined) return `${name}: ${after}`;
  if (after === undefined) return `${name}: taken away (was ${before})`;
  return before === after ? `${name}: changed` : `${name}: ${after} (was ${before})`;
};
