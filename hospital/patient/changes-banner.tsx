import { lineText } from "#domain/entry/compose.ts";
import { struckWhy } from "#domain/entry/struck.ts";
import type { Change } from "#domain/handover/seen.ts";
import type { CareRecord } from "#domain/record.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { authorOf, type ScreenPerson } from "../sign-in/person.ts";

interface ChangesBannerProps {
  record: CareRecord;
  changes: readonly Change[];
  person: ScreenPerson | null;
  nowMs: number;
  onSeen: (person: ScreenPerson) => Promise<void>;
}

const words: Record<Change["change"], string> = {
  added: "Added",
  amended: "Amended",
  struck: "Struck",
  restored: "Put back",
};

/** What the crew added, amended or struck after the acceptance; it stays until somebody says that it was seen. */
export const ChangesBanner = ({ record, changes, person, nowMs, onSeen }: ChangesBannerProps) => {
  const accepted = record.acceptances.at(-1);
  if (changes.length === 0 || !accepted) return null;
  const own = person !== null && authorOf(person).userId === accepted.entry.author.userId;
  const { acceptedBy } = accepted.known.body;
  return (
    <section className="changes" aria-labelledby="changes">
      <div className="grow">
        <h2 id="changes">
          ▲ {changes.length === 1 ? "1 change" : `${changes.length} changes`} since {own ? "you" : acceptedBy} accepted
          at {clockTimeSeenFrom(accepted.entry.occurredAt, nowMs)}
        </h2>
        <ul>
          {changes.map(({ line, change }) => {
            const { title, detail } = lineText(line, record);
            return (
              <li key={line.entry.id}>
                <b>{words[change]}</b>: {clockTimeSeenFrom(line.entry.occurredAt, nowMs)}{" "}
                {change === "struck" ? <s>{title}</s> : title} {detail && `· ${detail}`}
                {change === "struck" && line.struckBy && `, because: ${struckWhy(line.struckBy)}`}
              </li>
            );
          })}
        </ul>
      </div>
      {person !== null && (
        <button type="button" className="button big" onClick={() => void onSeen(person)}>
          {own ? "Seen" : `Seen, for ${acceptedBy}`}
        </button>
      )}
    </section>
  );
};
