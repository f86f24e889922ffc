import { useState, useSyncExternalStore } from "react";
import { saveAgain, sendPast, subscribeUnsaved, unsaved, unsavedWords } from "../record/unsaved.ts";
import { useClient, useSnapshot } from "./client-context.tsx";

/** Red, and only for what is not saved. It names the ways out: save again, send past the store, or a file to keep. */
export const AlarmBanner = () => {
  const client = useClient();
  const { failure, phase } = useSnapshot();
  const list = useSyncExternalStore(subscribeUnsaved, () => unsaved(client));
  const [said, setSaid] = useState("");
  if (failure === null && list.length === 0 && phase !== "broken") return null;
  const open = phase === "ready";
  const send = async () => {
    setSaid("Sending …");
    await sendPast(client);
    await client.syncNow();
    setSaid(unsaved(client).length === 0 ? "" : "The base did not take it: keep a file, or write it on paper.");
  };
  const keep = async () => {
    try {
      const texts = list.map((one) => one.text ?? JSON.stringify(one.draft));
      if (texts.length === 0) await client.fileToKeep();
      for (const text of texts) await client.fileToKeep({ text });
      setSaid("A file was handed to the browser's downloads.");
    } catch {
      setSaid("The file could not be made. Write it on paper now.");
    }
  };
  return (
    <div className="alarm-banner" role="alert">
      <span className="grow">
        {list.length > 0
          ? `NOT SAVED: ${open ? list.map(unsavedWords).join("; ") : `${list.length}, unlock to save`}. `
          : ""}
        {failure?.message ?? "Save again, send now, or keep a file."} {said}
      </span>
      {list.length > 0 ? (
        <button type="button" className="btn" disabled={!open} onClick={() => void saveAgain(client)}>
          Save again
        </button>
      ) : null}
      <button type="button" className="btn" disabled={!open} onClick={() => void send()}>
        Send now
      </button>
      <button type="button" className="btn" disabled={!open} onClick={() => void keep()}>
        Keep a file
      </button>
    </div>
  );
};
