import { standingNotices } from "#client/downtime.ts";
import { clockTime } from "#ui/times.ts";
import { useSnapshot } from "../../shell/client-context.tsx";
import "./downtime.css";

/** Signed words of the trust, over the screens where nobody is with a patient. Opened by a tap, never by itself. */
export const NoticeBanner = () => {
  const kit = useSnapshot().enrolment?.downtimeKit;
  const notices = kit === undefined ? [] : standingNotices(kit, Date.now());
  if (notices.length === 0) return null;
  return (
    <section className="notices" aria-label="Notices of the trust">
      {notices.map(({ noticeId, title, words, by, issuedAt, until }) => (
        <details key={noticeId}>
          <summary>
            <b>Notice</b> {title}
          </summary>
          <p>{words}</p>
          <p className="small">
            Signed by the trust. {by}, {clockTime(Date.parse(issuedAt))}; until {clockTime(Date.parse(until))}.
          </p>
        </details>
      ))}
    </section>
  );
};
