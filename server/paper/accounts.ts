import { numbersOfPack, packOf, readPaperNumber } from "#domain/paper/number.ts";
import { type FormRow, type FormState, openStates, type PackRow } from "#protocol/control/paper.ts";
import type { ControlLog, Subject } from "../logs/control-log.ts";
import { type FormSubject, formSubject, type PackSubject, packSubject } from "./subjects.ts";

export const isOpen = (state: FormState): boolean => openStates.includes(state);

export interface KnownPack extends PackSubject {
  pack: string;
  position: number;
}
export interface KnownForm extends Omit<FormSubject, "state"> {
  number: string;
  pack: KnownPack;
  state: FormState;
  since: string;
  /** 0: nothing has happened to it. */
  position: number;
}

const knownPack = ({ id, position, state }: Subject): KnownPack => ({
  pack: id,
  position,
  ...packSubject.parse(state),
});

const knownForm = (number: string, pack: KnownPack, held: Subject | undefined): KnownForm => {
  if (held !== undefined) {
    const said = formSubject.parse(held.state);
    return { number, pack, ...said, since: held.changed.toISOString(), position: held.position };
  }
  const { issuedAt } = pack;
  const state = issuedAt === undefined ? "in-store" : "out";
  return { number, pack, state, since: issuedAt ?? pack.printedAt, position: 0 };
};

/** Every number that was ever printed, with what has become of it: packs from the control log, and each form's last line. */
export const readForms = async (log: ControlLog): Promise<{ packs: KnownPack[]; forms: KnownForm[] }> => {
  const [packs, held] = await Promise.all([log.all("paper-pack"), log.all("paper-form")]);
  const byNumber = new Map(held.map((subject) => [subject.id, subject]));
  const known = packs.map(knownPack);
  const forms = known.flatMap((pack) =>
    numbersOfPack(pack).map((number) => knownForm(number, pack, byNumber.get(number))),
  );
  return { packs: known, forms };
};

/** Undefined for a number of a pack that nobody has made known, or beyond its last form. */
export const readForm = async (log: ControlLog, number: string): Promise<KnownForm | undefined> => {
  const read = readPaperNumber(number);
  if ("fault" in read) return undefined;
  const [pack, held] = await Promise.all([log.find("paper-pack", packOf(read.number)), log.find("paper-form", number)]);
  if (pack === undefined) return undefined;
  const known = knownPack(pack);
  return read.number.form > known.forms ? undefined : knownForm(number, known, held);
};

export const countStates = (forms: readonly KnownForm[]): Partial<Record<FormState, number>> => {
  const counts: Partial<Record<FormState, number>> = {};
  for (const { state } of forms) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

export const packRowOf = (pack: KnownPack, forms: readonly KnownForm[]): PackRow => {
  const open = forms.filter(({ state }) => isOpen(state)).length;
  return { ...pack, open, accounted: forms.length - open };
};

/** `by`, `reason`: of the form's last control line, where the caller has it. */
export const formRowOf = (
  { pack, run: _run, about: _about, transcribedBy, checkedBy, ...form }: KnownForm,
  person: (userId: string) => string,
  last: { by?: string; reason?: string | undefined } = {},
): FormRow => ({
  ...form,
  pack: pack.pack,
  ...(pack.vehicle !== undefined && { vehicle: pack.vehicle }),
  ...(pack.heldBy !== undefined && { heldBy: pack.heldBy }),
  ...(transcribedBy !== undefined && { transcribedBy: person(transcribedBy) }),
  ...(checkedBy !== undefined && { checkedBy: person(checkedBy) }),
  ...(last.by !== undefined && { by: last.by }),
  ...(last.reason !== undefined && { reason: last.reason }),
});
