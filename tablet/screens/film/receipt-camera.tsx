import { useMemo, useState } from "react";
import type { Client } from "#client/client.ts";
import type { MadeFilm } from "#client/film/make-film.ts";
import { CameraView } from "#ui/film/camera-view.tsx";
import { createReceiptReader, type ReceiptSeen } from "./receipt.ts";

interface ReceiptCameraProps {
  client: Client;
  recordId: string;
  film: MadeFilm;
}

/** The hospital's answer, read from its screen. It says what it sees, and the card beside it says who accepted. */
export const ReceiptCamera = ({ client, recordId, film }: ReceiptCameraProps) => {
  const read = useMemo(() => createReceiptReader(client, recordId, film), [client, recordId, film]);
  const [seen, setSeen] = useState<ReceiptSeen>({ words: "Hold this tablet's camera to the receipt on the screen." });
  const look = async (bytes: Uint8Array) => {
    const found = await read(bytes);
    if (found !== undefined) setSeen(found);
  };
  return (
    <section className="receipt-camera" aria-label="The hospital's receipt">
      {seen.taken ? null : <CameraView label="What this tablet's camera sees" onSymbol={look} />}
      <p role="status" className={seen.taken ? "chip ok" : ""}>
        {seen.taken ? "✓ " : ""}
        {seen.words}
      </p>
    </section>
  );
};
