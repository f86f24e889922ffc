import type { Author } from "#domain/entry/entry.ts";
import { useNow } from "#ui/age.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { Icon } from "#ui/icons.tsx";
import { useSnapshot } from "./client-context.tsx";
import { serviceOf } from "./service.ts";
import { WaitingPill } from "./waiting-pill.tsx";

interface StripProps {
  author: Author | undefined;
  /** Said before the level of service, where it is not the tablet's own. */
  of?: string;
}

/** Over every screen: the level of service, and that this is a demonstration where it is one. */
export const Strip = ({ author, of }: StripProps) => {
  const snapshot = useSnapshot();
  const { level, words } = serviceOf(snapshot, useNow(60_000));
  return (
    <aside className="strip" aria-label={of === undefined ? "Level of service" : `Level of service: ${of}`}>
      <span className="service" data-level={level} role="status">
        <Icon name={level === "normal" ? "check" : "warning"} size={18} />
        {of === undefined ? words : `${of}: ${words}`}
      </span>
      <span className="grow" />
      {author?.signIn === "vouched" ? (
        <span className="chip wait pill">Writing: {author.name}, vouched for</span>
      ) : null}
      <WaitingPill />
      {snapshot.enrolment?.demonstration === false ? null : <DemonstrationMark />}
    </aside>
  );
};
