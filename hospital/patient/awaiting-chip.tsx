import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import { coSignText } from "#domain/co-signature/words.ts";
import type { RecordLine } from "#domain/record.ts";

/** Beside what a student wrote and no crewmate has signed yet; nothing beside any other line. */
export const AwaitingChip = ({ line }: { line: RecordLine }) => {
  if (!awaitsCoSign(line)) return null;
  const words = coSignText(line);
  return <span className="chip wait">○ {words.charAt(0).toUpperCase() + words.slice(1)}</span>;
};
