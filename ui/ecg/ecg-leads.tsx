import { type EcgFile, type EcgLead, ecgGap } from "#monitoring/ecg-file.ts";

/** Lowest and highest deflection, mV, and how much was not recorded: what the picture says, in words and numbers. */
const summaryOf = (lead: EcgLead, samplesPerSecond: number) => {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let missing = 0;
  for (const sample of lead.samples) {
    if (sample === ecgGap) missing++;
    else {
      lowest = Math.min(lowest, sample);
      highest = Math.max(highest, sample);
    }
  }
  const millivolts = (value: number) =>
    Number.isFinite(value) ? `${((value - lead.zero) / lead.unitsPerMillivolt).toFixed(2)} mV` : "not recorded";
  return {
    lowest: millivolts(lowest),
    highest: millivolts(highest),
    missing: missing === 0 ? "none" : `${(missing / samplesPerSecond).toFixed(1)} s`,
  };
};

/** The table beside the picture, for whoever does not see it. It tells what was recorded and interprets nothing. */
export const EcgLeads = ({ ecg }: { ecg: EcgFile }) => (
  <details className="ecg-leads">
    <summary>Leads as a table</summary>
    <table>
      <caption>
        {(ecg.samplesPerLead / ecg.samplesPerSecond).toFixed(1)} s at {ecg.samplesPerSecond} samples per second
        {ecg.source === undefined ? "" : `, from ${ecg.source}`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Lead</th>
          <th scope="col">Lowest</th>
          <th scope="col">Highest</th>
          <th scope="col">Not recorded</th>
        </tr>
      </thead>
      <tbody>
        {ecg.leads.map((lead) => {
          const { lowest, highest, missing } = summaryOf(lead, ecg.samplesPerSecond);
          return (
            <tr key={lead.name}>
              <th scope="row">{lead.name}</th>
              <td>{lowest}</td>
              <td>{highest}</td>
              <td>{missing}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </details>
);
