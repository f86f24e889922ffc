import { useState } from "react";
import { changedResponse } from "#protocol/control/page.ts";
import { type SettingRow, settingsResponse } from "#protocol/control/settings.ts";
import { Fault } from "#ui/fault.tsx";
import { TextField } from "#ui/text-field.tsx";
import { useAnswer } from "#ui/use-answer.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { HistoryDialog } from "../parts/history-dialog.tsx";
import { Scrolling } from "../parts/scrolling.tsx";
import { RowAct } from "../parts/table.tsx";
import { fullTime } from "../parts/words.ts";

type Doing = { what: "change" | "history"; row: SettingRow };

export const SettingsPage = () => {
  const desk = useDesk();
  const { answer, fault, refresh } = useAnswer(() => desk.read(settingsResponse, "/control/v1/settings"), [desk]);
  const [doing, setDoing] = useState<Doing | null>(null);
  const rows = answer?.settings;

  return (
    <>
      <h1>Settings</h1>
      <p className="soft">No setting turns the second factor off.</p>
      <Fault words={fault} />
      <Scrolling label="Settings of this trust">
        <table className="table" aria-busy={rows === undefined}>
          <caption className="words-only">Settings of this trust</caption>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">Is</th>
              <th scope="col">Last changed</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {rows?.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {row.title}
                  <p className="faint">{row.words}</p>
                </th>
                <td>
                  {valueWords(row, row.value)} {row.weak && <span className="chip wait">▲ Weak</span>}
                </td>
                <td>{row.changed === undefined ? "never" : `${fullTime(row.changed)}, by ${row.by}`}</td>
                <td>
                  <span className="acts">
                    <RowAct act="Change" of={`“${row.title}”`} onAct={() => setDoing({ what: "change", row })} />
                    <RowAct act="History" of={`of “${row.title}”`} onAct={() => setDoing({ what: "history", row })} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
      {doing?.what === "change" && <SettingDialog row={doing.row} onDone={refresh} onClose={() => setDoing(null)} />}
      {doing?.what === "history" && (
        <HistoryDialog
          title={`History of “${doing.row.title}”`}
          path={`/control/v1/settings/${doing.row.id}/history`}
          onClose={() => setDoing(null)}
        />
      )}
    </>
  );
};

const valueWords = ({ type, unit }: SettingRow, value: SettingRow["value"]): string => {
  if (type === "switch") return value === true ? "Yes" : "No";
  if (value === "") return "not set";
  return unit === undefined ? String(value) : `${value} ${unit}`;
};

const SettingDialog = ({ row, onDone, onClose }: { row: SettingRow; onDone: () => void; onClose: () => void }) => {
  const desk = useDesk();
  const [value, setValue] = useState(row.type === "secret" ? "" : row.value);
  const { type, title, words, least, most, unit } = row;
  return (
    <ChangeDialog
      title={title}
      action="Save the setting"
      onChange={async (reason) => {
        const body = { value, reason, expected: row.position };
        await desk.change(changedResponse, `/control/v1/settings/${row.id}`, body);
        onDone();
      }}
      onStale={onDone}
      onClose={onClose}
    >
      <p>{words}</p>
      {type === "switch" ? (
        <label className="row">
          <input type="checkbox" checked={value === true} onChange={(event) => setValue(event.target.checked)} />
          {title}
        </label>
      ) : (
        <TextField
          label={unit === undefined ? title : `${title}, ${unit}`}
          type={type === "words" ? "text" : type === "secret" ? "password" : type}
          value={String(value)}
          onChange={(typed) => setValue(type === "number" ? Number(typed) : typed)}
          min={least}
          max={most}
          maxLength={500}
          required={type === "text" || type === "number"}
          autoComplete={type === "secret" ? "new-password" : "off"}
        />
      )}
    </ChangeDialog>
  );
};
