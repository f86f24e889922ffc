import { base64url, fromBase64url } from "#client/bytes.ts";
import { agreeWithSender, type FilmAgreement } from "#client/film/film-keys.ts";
import type { ReceivedFilm } from "#client/film/films.ts";
import { makeReceiptFilm } from "#client/film/make-film.ts";
import { receiptCode } from "#client/film/receipt-code.ts";
import type { Author } from "#domain/entry/entry.ts";
import type { CareRecord } from "#domain/record.ts";
import type { Projector } from "#sharing/film/projector.ts";
import type { Cell } from "../cells/cell.ts";
import { acceptanceBy } from "../handover/write.ts";

/** Tells which of a site's keys a film went by, since a rotation leaves several. */
export const keyCheckOf = async (agreement: FilmAgreement): Promise<string> =>
  base64url((await agreement.codeOf("which key")).subarray(0, 8));

const agreementFor = async (cell: Cell, film: ReceivedFilm): Promise<FilmAgreement> => {
  for (const key of await cell.client.films.siteKeys()) {
    const agreement = await agreeWithSender(key, fromBase64url(film.point));
    if ((await keyCheckOf(agreement)) === film.keyCheck) return agreement;
  }
  throw new Error("This screen has no key for that film any more. Read the acceptance out to the crew.");
};

/** Who accepts: somebody who is signed in, or a name as it was typed where nobody can sign in. */
export interface Accepting {
  name: string;
  role: string;
  author: Author;
}

/** Accepts what the film brought, as it stands on the screen. */
export const acceptFilm = async (
  cell: Cell,
  film: ReceivedFilm,
  record: CareRecord,
  { name, role, author }: Accepting,
): Promise<ReceivedFilm> => {
  await acceptanceBy(cell.client, film.recordId, record.contentHeads, { name, role, author });
  const accepted = { ...film, acceptedAt: new Date().toISOString() };
  await cell.client.films.note(accepted);
  await cell.noteReceived();
  return accepted;
};

interface Answer {
  projector: Projector;
  /** In groups, as it is read out. */
  code: string;
}

/** The receipt of an accepted film, as a film and as a code. Rejects with a plain sentence. */
export const answerTo = async (cell: Cell, film: ReceivedFilm): Promise<Answer> => {
  const { films, replica } = cell.client;
  const maker = films.maker();
  const siteId = cell.getSnapshot().client.enrolment?.site?.siteId;
  if (maker === undefined || siteId === undefined)
    throw new Error("This screen has no certificate: read the acceptance out to the crew.");
  const agreement = await agreementFor(cell, film);
  const projector = await makeReceiptFilm({
    maker,
    place: { trust: cell.getSnapshot().endpoint.trust, siteId },
    agreement,
    filmId: film.filmId,
    recordId: film.recordId,
    held: await replica.entries(film.recordId),
    madeAt: new Date().toISOString(),
  });
  const code = await receiptCode(agreement, film.filmId, film.acceptedAt ?? new Date().toISOString());
  return { projector, code: code.replace(/^(....)(...)(...)(.)$/, "$1 $2 $3 $4") };
};
