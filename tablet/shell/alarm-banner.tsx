import { useState } from "react";
import type { Unsaved } from "../record/unsaved.ts";
import { useClient, useSnapshot } from "./client-context.tsx";

interface AlarmBannerProps {
  /** What could not be saved, with the text that would have been. */
  unsaved: readonly Unsaved[];
  /** Tries to save them again. */
  onAgain: () => void;
  /** Sends them past this tablet's store. */
  onPush: () => Promise<void>;
}

/** Red, and only for what is not saved. It names the ways out: again, push at once, or a file to keep. */
export const AlarmBanner = ({ unsaved, onAgain, onPush }: AlarmBannerProps) => {
  const client = useClient();
  const { failure, phase } = useSnapshot();
  const [kept, setKept] = useState<string | null>(null);
  if (failure === null && unsaved.length === 0 && phase !== "broken") return null;
  const words = failure?.message ?? "Not saved on this tablet.";
  const push = async () => {
    setKept("Sending …");
    await onPush();
    await client.syncNow();
    setKept("Sent what the base would take.");
  };
  const keep = async () => {
    try {
      const texts = unsaved.map((one) => one.text ?? JSON.stringify(one.draft));
      if (texts.length === 0) await client.fileToKeep();
      for (const text of texts) await client.fileToKeep({ text });
      setKept("A file was handed to the browser's downloads.");
    } catch {
      setKept("The file could not be made. Write it on paper now.");
    }
  };
  return (
    <div className="alarm-banner" role="alert">
      <span className="grow">
        {unsaved.length > 0 ? `NOT SAVED: ${unsaved.map((one) => one.what).join("; ")}. ` : ""}
        {words} {kept}
      </span>
      {unsaved.length > 0 ? (
        <button type="button" className="btn" onClick={onAgain}>
          Save again
        </button>
      ) : null}
      <button type="button" className="btn" onClick={() => void push()}>
        Push now
      </button>
      <button type="button" className="btn" onClick={() => void keep()}>
        Keep a file
      </button>
    </div>
  );
};
