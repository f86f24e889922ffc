import { standingNotices } from "#client/downtime.ts";
import { useNow } from "#ui/age.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useSnapshot } from "../../shell/client-context.tsx";
import "./downtime.css";

/** Signed words of the trust, over the screens where nobody is with a patient. Opened by a tap, never by itself. */
export const NoticeBanner = () => {
  const kit = useSnapshot().enrolment?.downtimeKit;
  const now = useNow(60_000);
  const notices = kit === undefined ? [] : standingNotices(kit, now);
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
            Signed by the trust. {by}, {clockTimeSeenFrom(issuedAt, now)}; until {clockTimeSeenFrom(until, now)}.
          </p>
        </details>
      ))}
    </section>
  );
};
