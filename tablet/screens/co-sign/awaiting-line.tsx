import { lineText } from "#domain/entry/compose.ts";
import { struckWhy } from "#domain/entry/struck.ts";
import type { CareRecord, RecordLine } from "#domain/record.ts";
import { Icon } from "#ui/icons.tsx";
import { clockTime } from "#ui/times.ts";
import { toSignOf } from "./choice.ts";

interface AwaitingLineProps {
  line: RecordLine;
  record: CareRecord;
  /** Whether it is to be signed; absent where whoever is signed in may not. */
  chosen?: boolean;
  onToggle?: () => void;
}

/** One entry as it would be signed, whole: what, when, and by whom. A press leaves it out or takes it in. */
export const AwaitingLine = ({ line, record, chosen, onToggle }: AwaitingLineProps) => {
  const { entry, struckBy } = line;
  const { title, detail } = lineText(line, record);
  const { name, role } = toSignOf(line).author;
  const words = (
    <>
      <time dateTime={entry.occurredAt}>{clockTime(entry.occurredAt)}</time>
      <span className="text">
        <b>
          {struckBy === undefined ? null : "Struck: "}
          {title}
        </b>
        {detail === "" ? null : <span>{detail}</span>}
        <span className="small">
          {struckBy === undefined ? "" : `Because: ${struckWhy(struckBy)} · `}
          {name}, {role}
        </span>
      </span>
    </>
  );
  if (onToggle === undefined) return <li className="awaiting-line">{words}</li>;
  return (
    <li>
      <button type="button" className="awaiting-line" aria-pressed={chosen ?? false} onClick={onToggle}>
        {words}
        <span className="mark">
          {chosen ? <Icon name="check" size={28} /> : null}
          {chosen ? "Sign" : "Leave out"}
        </span>
      </button>
    </li>
  );
};
