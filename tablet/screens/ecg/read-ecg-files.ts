import { decodeEcg, type EcgFile, EcgFileError } from "#monitoring/ecg-file.ts";
import { fromWfdb } from "#monitoring/ecg-from-wfdb.ts";
import { readWfdb, WfdbError } from "#monitoring/wfdb.ts";

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}
export type ReadEcg = { ecg: EcgFile } | { problem: string };

/** What the crew chose: the project's own `.hfecg`, or a WFDB header with its signal files. Every failure says what to do. */
export const readEcgFiles = (files: readonly NamedBytes[]): ReadEcg => {
  try {
    const own = files.find((file) => file.name.endsWith(".hfecg"));
    if (own !== undefined) return { ecg: decodeEcg(own.bytes) };
    const header = files.find((file) => file.name.endsWith(".hea"));
    if (header === undefined) return { problem: "Choose an .hfecg file, or a .hea file together with its .dat files." };
    const record = readWfdb(header.bytes, (name) => files.find((file) => file.name === name)?.bytes);
    return { ecg: fromWfdb(record) };
  } catch (failure) {
    if (failure instanceof EcgFileError || failure instanceof WfdbError) return { problem: failure.message };
    return { problem: "These files could not be read. Choose the recording's files again, all together." };
  }
};
