import { Fragment, type ReactNode } from "react";
import { exactTimeSeenFrom } from "./times.ts";

interface Shown {
  /** Of the trust. */
  name: string;
  /** When the base received the last of what is shown; null before anything came. */
  asOf: string | null;
}

/** Over every page while a standby answers: as of when each trust is shown, and `words` that say what is left to the base. */
export const StandbyStrip = (parts: {
  shown: readonly Shown[];
  nowMs: number;
  words: string;
  children?: ReactNode;
}) => (
  <aside className="standby-strip" aria-label="The standby answers">
    <p role="status">
      ▲ The base does not answer, the standby does:{" "}
      {parts.shown.map(({ name, asOf }, at) => (
        <Fragment key={name}>
          {at > 0 && " · "}
          <b>
            {name} {asOf === null ? "has sent nothing yet" : `as of ${exactTimeSeenFrom(asOf, parts.nowMs)}`}
          </b>
        </Fragment>
      ))}
      . {parts.words}
    </p>
    {parts.children}
  </aside>
);
