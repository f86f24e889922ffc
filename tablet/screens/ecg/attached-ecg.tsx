import { useEffect, useState } from "react";
import { decodeEcg, type EcgFile, EcgFileError } from "#monitoring/ecg-file.ts";
import { EcgView } from "#ui/ecg/ecg-view.tsx";
import { useSession } from "../../record/session.tsx";

type Attached = { ecg: EcgFile } | { words: string };

/** The recording of an entry: this tablet's copy, else the base's. A blob never delays its entry, so it may still be on its way. */
export const AttachedEcg = ({ sha256 }: { sha256: string }) => {
  const { client, recordId, earlier } = useSession();
  const [attached, setAttached] = useState<Attached>({ words: "Reading the recording …" });
  useEffect(() => {
    let wanted = true;
    const read = async (): Promise<Attached> => {
      const bytes = await (earlier === undefined
        ? client.blobs.get(recordId, sha256)
        : client.earlier.blob(recordId, sha256, earlier.reason));
      return bytes === undefined ? { words: "The recording is not on this tablet yet." } : { ecg: decodeEcg(bytes) };
    };
    read()
      .catch((failure: unknown) => ({
        words: failure instanceof EcgFileError ? failure.message : "The recording could not be read now. Try again.",
      }))
      .then((found) => wanted && setAttached(found));
    return () => {
      wanted = false;
    };
  }, [client, recordId, sha256, earlier]);
  return "ecg" in attached ? <EcgView ecg={attached.ecg} /> : <p className="small">{attached.words}</p>;
};
