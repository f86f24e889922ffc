import type { Role } from "#defence/access/words.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";

/** Everything here is invented: people, vehicles, codes and PINs of the demonstration. */
export interface DemonstrationPerson {
  userId: string;
  name: string;
  /** In words, as the screens show it. */
  role: string;
  roles: readonly Role[];
  staffNumber: string;
  /** Printed by `npm start`, so that anyone can try it. Only who works with a tablet has one. */
  pin?: string;
  /** Where a hospital's person works; the others are the trust's own. */
  siteId?: string;
}

type Named = readonly [userId: string, name: string];

const crewOf = (
  staff: string,
  [first, second, third, fourth, fifth, sixth, seventh]: readonly Named[],
): DemonstrationPerson[] => {
  const jobs: [Named | undefined, string, Role, string][] = [
    [first, "Paramedic", "paramedic", "1111"],
    [second, "Emergency medical technician", "technician", "2222"],
    [third, "Advanced paramedic", "paramedic", "3333"],
    [fourth, "Paramedic", "paramedic", "4444"],
    [fifth, "Emergency care assistant", "emergency-care-assistant", "5555"],
    [sixth, "Student paramedic", "student", "6666"],
    [seventh, "Newly qualified paramedic", "newly-qualified-paramedic", "7777"],
  ];
  return jobs.flatMap(([named, role, key, pin], i) =>
    named ? [{ userId: named[0], name: named[1], role, roles: [key], staffNumber: `${staff}${1001 + i}`, pin }] : [],
  );
};

/** The trust's own desk: one person a role, because what needs two people must not be had from one. */
const deskOf = (staff: string, named: readonly Named[]): DemonstrationPerson[] => {
  const jobs: [string, Role][] = [
    ["Records officer", "records"],
    ["Information governance", "governance"],
    ["Security officer", "security"],
    ["Continuity lead", "continuity"],
    ["Configuration manager", "configuration"],
    ["External approver", "external-approver"],
    ["Clinical hub", "clinical-hub"],
  ];
  return named.flatMap(([userId, name], i) => {
    const job = jobs[i];
    return job ? [{ userId, name, role: job[0], roles: [job[1]], staffNumber: `${staff}${2001 + i}` }] : [];
  });
};

const own: Record<string, DemonstrationPerson[]> = {
  northmoor: [
    ...crewOf("NM", [
      ["n-okafor", "Amara Okafor"],
      ["n-bright", "Tom Bright"],
      ["n-haddad", "Leila Haddad"],
      ["n-pryce", "Gwen Pryce"],
      ["n-novak", "Jan Novak"],
      ["n-sam-testcase", "Sam Testcase"],
      ["n-lund", "Maja Lund"],
    ]),
    ...deskOf("NM", [
      ["n-field", "Jo Field"],
      ["n-banda", "Grace Banda"],
      ["n-kerr", "Alan Kerr"],
      ["n-lowe", "Sam Lowe"],
      ["n-voss", "Petra Voss"],
      ["n-shah", "Dana Shah"],
      ["n-marsh", "Ruth Marsh"],
    ]),
  ],
  westvale: [
    ...crewOf("WV", [
      ["w-larsen", "Ingrid Larsen"],
      ["w-mistry", "Dev Mistry"],
      ["w-doyle", "Niamh Doyle"],
      ["w-reid", "Callum Reid"],
      ["w-santos", "Ana Santos"],
      ["w-robin-testcase", "Robin Testcase"],
      ["w-byrne", "Aoife Byrne"],
    ]),
    ...deskOf("WV", [
      ["w-cole", "Ash Cole"],
      ["w-ito", "Hana Ito"],
      ["w-burns", "Mike Burns"],
      ["w-ames", "Tess Ames"],
      ["w-gray", "Lou Gray"],
      ["w-odell", "Pat Odell"],
      ["w-finn", "Bea Finn"],
    ]),
  ],
};

/** A department takes patients of both trusts, so both know its people. */
const departments: DemonstrationPerson[] = [
  ["s-nowak", "Zofia Nowak", "Nurse", "hospital-nurse", "southgate-ed"],
  ["s-adeyemi", "Femi Adeyemi", "Doctor", "hospital-doctor", "southgate-ed"],
  ["h-quinn", "Orla Quinn", "Nurse", "hospital-nurse", "harbour-ed"],
  ["h-rao", "Priya Rao", "Doctor", "hospital-doctor", "harbour-ed"],
].map(([userId = "", name = "", role = "", key, siteId = ""], i) => {
  return { userId, name, role, roles: [key as Role], staffNumber: `ED${3001 + i}`, siteId };
});

/** All whom a trust knows: its crews, its desk, and the people of the departments that it brings patients to. */
export const demonstrationStaff = (trust: string): DemonstrationPerson[] => [...(own[trust] ?? []), ...departments];

/** Those with a PIN for tablets. */
export const demonstrationPeople = (trust: string): (DemonstrationPerson & { pin: string })[] =>
  demonstrationStaff(trust).flatMap(({ pin, ...person }) => (pin === undefined ? [] : [{ ...person, pin }]));

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

/** Codes for a browser of the desk. */
export const deskCodes = ["DEMO-DESK-1", "DEMO-DESK-2", "DEMO-DESK-3"];
/** Codes of the two sealed accounts, which a trust prints once and keeps in two safes. */
export const breakGlassCodes = ["DEMO-SEALED-ONE-7K4M-QX2P", "DEMO-SEALED-TWO-9R3T-HW6B"];

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
