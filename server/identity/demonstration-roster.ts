import type { FormularyItem } from "#protocol/enrolment.ts";

/** Everything here is invented: people, vehicles, codes and PINs of the demonstration. */
export interface DemonstrationPerson {
  userId: string;
  name: string;
  role: string;
  /** Printed by `npm start`, so that anyone can try it. */
  pin: string;
}

const roster: Record<string, DemonstrationPerson[]> = {
  northmoor: [
    { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", pin: "1111" },
    { userId: "n-bright", name: "Tom Bright", role: "Emergency medical technician", pin: "2222" },
    { userId: "n-haddad", name: "Leila Haddad", role: "Advanced paramedic", pin: "3333" },
    { userId: "n-pryce", name: "Gwen Pryce", role: "Paramedic", pin: "4444" },
    { userId: "n-novak", name: "Jan Novak", role: "Emergency care assistant", pin: "5555" },
    { userId: "n-asante", name: "Kofi Asante", role: "Student paramedic", pin: "6666" },
  ],
  westvale: [
    { userId: "w-larsen", name: "Ingrid Larsen", role: "Paramedic", pin: "1111" },
    { userId: "w-mistry", name: "Dev Mistry", role: "Emergency medical technician", pin: "2222" },
    { userId: "w-doyle", name: "Niamh Doyle", role: "Advanced paramedic", pin: "3333" },
    { userId: "w-reid", name: "Callum Reid", role: "Paramedic", pin: "4444" },
    { userId: "w-santos", name: "Ana Santos", role: "Emergency care assistant", pin: "5555" },
    { userId: "w-eze", name: "Chidi Eze", role: "Student paramedic", pin: "6666" },
  ],
};
export const demonstrationPeople = (trust: string): DemonstrationPerson[] => roster[trust] ?? [];

const fleet: Record<string, string> = { northmoor: "NM", westvale: "WV" };
export const demonstrationVehicles = (trust: string): { callSign: string; vehicle: string }[] =>
  Array.from({ length: 12 }, (_, i) => ({
    callSign: `${fleet[trust] ?? "XX"}${201 + i}`,
    vehicle: `${fleet[trust] ?? "XX"}-DEMO-${String(i + 1).padStart(2, "0")}`,
  }));

export const demonstrationSites = [
  { siteId: "southgate-ed", name: "Southgate ED" },
  { siteId: "harbour-ed", name: "Harbour ED" },
];

/** Codes that a new device may present, each as often as it likes. */
export const tabletCodes = Array.from({ length: 9 }, (_, i) => `DEMO-TABLET-${i + 1}`);
export const screenCodes = new Map([
  ["DEMO-SCREEN-SOUTHGATE", demonstrationSites[0]!],
  ["DEMO-SCREEN-HARBOUR", demonstrationSites[1]!],
]);

const mg = (...values: string[]) => values.map((value) => ({ value, unit: "mg" }));
const micrograms = (...values: string[]) => values.map((value) => ({ value, unit: "ug" }));
const grams = (...values: string[]) => values.map((value) => ({ value, unit: "g" }));

/**
 * A demonstration formulary of our own, to try the screens with. It is no clinical guidance and copies nobody's. The two
 * strengths of adrenaline are two items, because one read as the other is a tenfold error.
 */
export const demonstrationFormulary: FormularyItem[] = [
  {
    drug: "Adrenaline",
    presentation: "1 mg/1 ml (1:1,000)",
    routes: ["IM"],
    doses: micrograms("500", "300", "150"),
    allergens: [],
  },
  { drug: "Adrenaline", presentation: "1 mg/10 ml (1:10,000)", routes: ["IV", "IO"], doses: mg("1"), allergens: [] },
  {
    drug: "Glyceryl trinitrate",
    presentation: "400 micrograms/dose spray",
    routes: ["SL"],
    doses: micrograms("400", "800"),
    allergens: ["nitrates", "glyceryl trinitrate"],
  },
  {
    drug: "Aspirin",
    presentation: "300 mg tablet",
    routes: ["PO"],
    doses: mg("300"),
    allergens: ["aspirin", "salicylates", "NSAIDs"],
  },
  { drug: "Paracetamol", presentation: "500 mg tablet", routes: ["PO"], doses: grams("1"), allergens: ["paracetamol"] },
  {
    drug: "Paracetamol",
    presentation: "1 g/100 ml infusion",
    routes: ["IV"],
    doses: grams("1"),
    allergens: ["paracetamol"],
  },
  {
    drug: "Morphine",
    presentation: "10 mg/1 ml",
    routes: ["IV", "IO", "IM"],
    doses: mg("2.5", "5", "10"),
    allergens: ["morphine", "opioids"],
    controlled: true,
  },
  {
    drug: "Salbutamol",
    presentation: "5 mg/2.5 ml nebules",
    routes: ["NEB"],
    doses: mg("5", "2.5"),
    allergens: ["salbutamol"],
  },
  {
    drug: "Ipratropium",
    presentation: "500 micrograms/2 ml nebules",
    routes: ["NEB"],
    doses: micrograms("500", "250"),
    allergens: ["ipratropium", "atropine"],
  },
  { drug: "Ondansetron", presentation: "4 mg/2 ml", routes: ["IV", "IM"], doses: mg("4"), allergens: ["ondansetron"] },
  {
    drug: "Naloxone",
    presentation: "400 micrograms/1 ml",
    routes: ["IV", "IM", "IN"],
    doses: micrograms("400", "800"),
    allergens: ["naloxone"],
  },
  { drug: "Glucose 10%", presentation: "500 ml bag", routes: ["IV"], doses: grams("10"), allergens: [] },
  { drug: "Glucose gel", presentation: "10 g tube", routes: ["BUCCAL"], doses: grams("10"), allergens: [] },
  {
    drug: "Oxygen",
    presentation: "Cylinder",
    routes: ["INH"],
    doses: [
      { value: "15", unit: "L/min" },
      { value: "10", unit: "L/min" },
      { value: "2", unit: "L/min" },
    ],
    allergens: [],
  },
  {
    drug: "Tranexamic acid",
    presentation: "500 mg/5 ml",
    routes: ["IV", "IO", "IM"],
    doses: grams("1"),
    allergens: ["tranexamic acid"],
  },
];
