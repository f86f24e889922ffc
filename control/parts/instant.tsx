import { fullTime } from "./words.ts";

/** An instant as evidence: to the second, with its zone, in two lines at most. */
export const Instant = ({ at }: { at: string }) => {
  const [day = "", ...rest] = fullTime(at).split(", ");
  return (
    <time dateTime={at}>
      {day},<br />
      {rest.join(", ")}
    </time>
  );
};
