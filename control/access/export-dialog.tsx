import { useState } from "react";
import { type AccessExport, exportFormats } from "#protocol/control/access.ts";
import { useDesk } from "../desk/desk-context.ts";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { saveFile } from "../parts/save-file.ts";
import { type Asked, queryOf } from "./access-form.tsx";

const formatWords: Record<AccessExport["format"], { title: string; ending: string }> = {
  csv: { title: "Each access, as a table (CSV)", ending: "csv" },
  records: { title: "Which patients' records, as a table (CSV)", ending: "csv" },
  fhir: { title: "Each access, as FHIR AuditEvents", ending: "json" },
};

/** The list leaves the trust's systems: it asks why, and for the second factor once more. */
export const ExportDialog = ({ asked, onClose }: { asked: Asked; onClose: () => void }) => {
  const desk = useDesk();
  const [format, setFormat] = useState<AccessExport["format"]>("csv");
  const save = async (reason: string) => {
    const body = { ...queryOf(asked), format };
    const blob = await desk.fetchFile("/control/v1/accesses/export", body, reason);
    saveFile(blob, `holdfast-access.${formatWords[format].ending}`);
  };
  return (
    <ChangeDialog title="Export the list" action="Export" onChange={save} onStale={() => {}} onClose={onClose}>
      <fieldset className="roles">
        <legend>As</legend>
        {exportFormats
          .filter((each) => each !== "records" || asked.about !== "recordId")
          .map((each) => (
            <label key={each} className="row">
              <input type="radio" name="format" checked={format === each} onChange={() => setFormat(each)} />
              {formatWords[each].title}
            </label>
          ))}
      </fieldset>
    </ChangeDialog>
  );
};
