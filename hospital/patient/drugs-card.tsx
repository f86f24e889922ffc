import { lineText } from "#domain/entry/compose.ts";
import { dosesGiven, drugTotals, totalText } from "#domain/medication/totals.ts";
import { allergiesInRecord } from "#domain/patient/allergy-words.ts";
import type { CareRecord } from "#domain/record.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { AwaitingChip } from "./awaiting-chip.tsx";

export const DrugsCard = ({ record, nowMs }: { record: CareRecord; nowMs: number }) => {
  const doses = dosesGiven(record);
  return (
    <section className="card" aria-labelledby="drugs">
      <h2 id="drugs">Drugs given and allergies</h2>
      <p className="padded allergies">
        {allergiesInRecord(record).map((text) => (
          <span key={text} className={text.startsWith("Allergies: ") ? "chip alarm" : "chip"}>
            {text}
          </span>
        ))}
      </p>
      {doses.length === 0 ? (
        <p className="soft padded">No drugs recorded.</p>
      ) : (
        <>
          <table className="drugs">
            <caption className="words-only">Drugs given, oldest first</caption>
            <thead className="words-only">
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Drug, dose and route</th>
              </tr>
            </thead>
            <tbody>
              {doses.map((line) => {
                const { title, detail } = lineText(line, record);
                return (
                  <tr key={line.entry.id}>
                    <th scope="row">{clockTimeSeenFrom(line.entry.occurredAt, nowMs)}</th>
                    <td>
                      <b>{title}</b> <AwaitingChip line={line} />
                      <div className="sub">{[detail, line.entry.author.name].filter(Boolean).join(" · ")}</div>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <h3>Totals</h3>
          <ul className="totals">
            {drugTotals(record).map((total) => (
              <li key={total.drug}>{totalText(total)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
};
