import "./components.css";

/**
 * How far an entry has come. Each step includes those before it, but that a hospital may have it before the archive does, and that a
 * standby is passed only where the base does not answer.
 */
export type EntryPlace = "tablet" | "standby" | "base" | "archive" | "hospital" | "seen";

const shapes: Record<EntryPlace, string> = {
  tablet: "M17 11a6 6 0 1 1-12 0a6 6 0 1 1 12 0",
  standby: "M17 11a6 6 0 1 1-12 0a6 6 0 1 1 12 0M11 22v-5m0 -12V0",
  base: "M11 18V5m-5 5 5-5 5 5",
  archive: "M3 4h16v4H3zM5 8v10h12V8M9 12h4",
  hospital: "M4 12l5 5 9-11",
  seen: "M1 12l4 5 8-11M9 15l2 2 9-11",
};
const words: Record<EntryPlace, string> = {
  tablet: "On this tablet",
  standby: "At the standby, not yet at the base",
  base: "At the base",
  archive: "In the archive",
  hospital: "At the hospital",
  seen: "Seen",
};

interface StateMarkProps {
  state: EntryPlace;
  /** Who saw it, for `seen`; where it is, for `hospital`. */
  by?: string;
  /** Writes the words beside the shape; otherwise they are for a screen reader and the tooltip. */
  withWords?: boolean;
}

/** Where an entry is: ○ on this tablet, ⌽ at the standby, ↑ at the base, ▤ in the archive, ✓ at the hospital, ✓✓ seen. */
export const StateMark = ({ state, by, withWords = false }: StateMarkProps) => {
  const text = by === undefined ? words[state] : state === "seen" ? `Seen by ${by}` : `${words[state]}, ${by}`;
  return (
    <span className="state-mark" data-state={state} title={text}>
      <svg viewBox="0 0 22 22" aria-hidden>
        <path d={shapes[state]} />
      </svg>
      <span className={withWords ? undefined : "words-only"}>{text}</span>
    </span>
  );
};
