import { atmist } from "#domain/handover/atmist.ts";
import type { CareRecord } from "#domain/record.ts";

/** The handover in the order it is spoken, the same as on the crew's tablet. */
export const AtmistCard = ({ record, nowMs }: { record: CareRecord; nowMs: number }) => (
  <section className="card" aria-labelledby="atmist">
    <h2 id="atmist">
      Handover <span className="grow" /> ATMIST
    </h2>
    <dl className="atmist">
      {atmist(record, new Date(nowMs).toISOString()).map(({ letter, title, lines }) => (
        <div key={title}>
          <dt>
            <abbr title={title}>{letter}</abbr>
          </dt>
          <dd>
            <span className="words-only">{title}: </span>
            {lines.map((line) => (
              <div key={line}>{line}</div>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </section>
);
