import { useState } from "react";
import { AccessForm, type Asked } from "./access-form.tsx";
import { AccessList } from "./access-list.tsx";
import { AffectedList } from "./affected-list.tsx";
import { ExportDialog } from "./export-dialog.tsx";

type Shown = "accesses" | "records";

/** Who saw what: the first question after something went wrong, and the last before it is closed. */
export const AccessPage = () => {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [shown, setShown] = useState<Shown>("accesses");
  const [exporting, setExporting] = useState(false);
  const key = JSON.stringify(asked);
  return (
    <>
      <div className="row">
        <h1 className="grow">Who saw what</h1>
        {asked && (
          <button type="button" className="button" onClick={() => setExporting(true)}>
            Export
          </button>
        )}
      </div>
      <AccessForm
        onAsk={(next) => {
          setAsked(next);
          setShown("accesses");
        }}
      />
      {asked && asked.about !== "recordId" && (
        <fieldset className="choices" aria-label="What to show">
          {(["accesses", "records"] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="button quiet"
              aria-pressed={shown === each}
              onClick={() => setShown(each)}
            >
              {each === "accesses" ? "Each access" : "Which patients' records"}
            </button>
          ))}
        </fieldset>
      )}
      {asked && shown === "accesses" && <AccessList key={key} asked={asked} />}
      {asked && shown === "records" && <AffectedList key={key} asked={asked} />}
      {asked && exporting && <ExportDialog asked={asked} onClose={() => setExporting(false)} />}
    </>
  );
};
