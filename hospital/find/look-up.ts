import type { EarlierRecord } from "#client/earlier.ts";
import type { FindBy, FoundRecord } from "#protocol/find.ts";
import { wordsOf } from "#ui/use-attempt.ts";
import type { Cell } from "../cells/cell.ts";
import { shortName } from "../cells/endpoints.ts";
import { authorOf, type ScreenPerson } from "../sign-in/person.ts";

/** A record that one of the services told of. */
export interface FoundAt extends FoundRecord {
  cell: Cell;
  service: string;
}

export interface FoundAll {
  found: FoundAt[];
  /** A service has older ones than it told of. */
  more: boolean;
  /** What services that could not be asked said, by name. */
  faults: { service: string; words: string }[];
}

const serviceOf = (cell: Cell): string => shortName(cell.getSnapshot().endpoint);

/** Asks every service where `person` is signed in; one that is away hides none of the others. Newest first. */
export const findAtAll = async (
  cells: readonly Cell[],
  by: FindBy,
  reason: string,
  person: ScreenPerson | null,
): Promise<FoundAll> => {
  const asker = { by: person && authorOf(person) };
  const all: FoundAll = { found: [], more: false, faults: [] };
  const ask = async (cell: Cell) => {
    const service = serviceOf(cell);
    try {
      const { found, more } = await cell.client.earlier.find(by, reason, asker);
      all.found.push(...found.map((one) => ({ ...one, cell, service })));
      all.more ||= more;
    } catch (failure) {
      all.faults.push({ service, words: wordsOf(failure) });
    }
  };
  await Promise.all(cells.filter((cell) => cell.getSnapshot().client.signedIn !== null).map(ask));
  all.found.sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  return all;
};

/** The record, in this page's memory alone: a shared screen keeps nothing that was opened so. */
export const openFound = ({ cell, recordId, yours }: FoundAt, reason: string): Promise<EarlierRecord> => {
  const openedBy = cell.client.getSnapshot().signedIn?.userId ?? "";
  return cell.client.earlier.open({ recordId, openedBy, reason, yours });
};
