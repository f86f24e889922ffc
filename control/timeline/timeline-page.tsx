import { useState } from "react";
import { type Asked, TimelineForm } from "./timeline-form.tsx";
import { TimelineList } from "./timeline-list.tsx";

/** Who did what, from the trust's three logs in one order. */
export const TimelinePage = () => {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <h1>Who did what</h1>
      <p className="soft">
        What was written, read, refused and changed, in the order in which the base received it. What a device's clock
        said is shown, and orders nothing. It names records by their ids; the records office opens them.
      </p>
      <TimelineForm onAsk={setAsked} />
      {asked && <TimelineList key={JSON.stringify(asked)} asked={asked} />}
    </>
  );
};
