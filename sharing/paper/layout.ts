/** One labelled box to write in; `width` is a fraction of the line. */
export interface PaperBox {
  label: string;
  width: number;
  /** Squares to tick, beside or instead of words. */
  ticks?: readonly string[];
  /** So many cells, one a digit. */
  cells?: number;
}

/** A line of a form. Heights are in points; a page of A4 has about 700 for lines. */
export type PaperLine =
  | { line: "heading"; text: string }
  | { line: "boxes"; height: number; boxes: readonly PaperBox[] }
  | { line: "grid"; height: number; head: readonly string[]; widths: readonly number[]; rows: readonly string[] }
  | { line: "score" };

const even = (count: number, first: number): number[] => [
  first,
  ...Array.from({ length: count }, () => (1 - first) / count),
];
const sets = 6;
const answers = ["None", "Not known", "Not asked", "Refused"];
const boxes = (height: number, ...of: PaperBox[]): PaperLine => ({ line: "boxes", height, boxes: of });
const box = (label: string, width: number, more: Omit<PaperBox, "label" | "width"> = {}): PaperBox => ({
  label,
  width,
  ...more,
});

const incident: PaperLine[] = [
  { line: "heading", text: "Incident" },
  boxes(
    26,
    box("Date (day / month / year)", 0.24),
    box("CAD or incident number", 0.26),
    box("Call sign", 0.16),
    box("Vehicle", 0.18),
    box("Priority", 0.16),
  ),
  boxes(24, box("Where", 1)),
  boxes(
    28,
    ...[
      "Call",
      "Allocated",
      "Mobile",
      "At scene",
      "At patient",
      "Left scene",
      "At hospital",
      "Handed over",
      "Clear",
    ].map((label) => box(label, 1 / 9)),
  ),
];

const patient: PaperLine[] = [
  { line: "heading", text: "Patient" },
  boxes(26, box("Surname", 0.36), box("Given name", 0.32), box("Date of birth", 0.2), box("Age", 0.12)),
  boxes(
    30,
    box("NHS number", 0.5, { cells: 10 }),
    box("Sex", 0.5, { ticks: ["Female", "Male", "Other", "Not known"] }),
  ),
  boxes(
    32,
    box("How sure who it is", 0.44, { ticks: ["Unknown", "Stated", "Two identifiers", "Traced"] }),
    box("Weight (kg)", 0.33, { ticks: ["Measured", "Stated", "Guessed"] }),
    box("Pregnant", 0.23, { ticks: ["Yes", "No", "Not known"] }),
  ),
  boxes(24, box("Address and postcode", 0.66), box("GP", 0.34)),
  boxes(24, box("Allergies", 0.46, { ticks: answers }), box("or: substance, reaction", 0.54)),
];

const story: PaperLine[] = [
  { line: "heading", text: "What happened" },
  boxes(24, box("Main concern, in a few words", 0.7), box("Onset: date, time", 0.3)),
  boxes(72, box("Story, mechanism and what you found", 1)),
  boxes(44, box("Past history", 0.5), box("Medicines the patient takes", 0.5)),
];

const observations: PaperLine[] = [
  { line: "heading", text: "Observations, each set with its own time. Points: the table overleaf" },
  {
    line: "grid",
    height: 21,
    head: ["", ...Array.from({ length: sets }, (_, i) => `Set ${i + 1}`)],
    widths: even(sets, 0.28),
    rows: [
      "Time",
      "Breaths /min · points",
      "SpO2 % (scale 1 / 2) · points",
      "Air or oxygen (l/min) · points",
      "Blood pressure · points",
      "Pulse /min · points",
      "A C V P U · points",
      "Temperature °C · points",
      "NEWS2 total (only when complete)",
      "GCS: eye, verbal, motor",
      "Glucose mmol/l",
      "Pain 0 to 10",
    ],
  },
];

const drugs: PaperLine[] = [
  { line: "heading", text: "Drugs given: every one, by whom, and who watched" },
  {
    line: "grid",
    height: 26,
    head: ["Time", "Drug", "Strength (mg in ml)", "Dose, unit", "Route", "Given by", "Witness: name", "Batch"],
    widths: [0.08, 0.2, 0.14, 0.12, 0.09, 0.13, 0.14, 0.1],
    rows: Array.from({ length: 7 }, () => ""),
  },
];

const ending: PaperLine[] = [
  { line: "heading", text: "ECG, handover, crew" },
  boxes(28, box("ECG recorded", 0.24, { ticks: ["Yes", "No"] }), box("Time", 0.12), box("What you read in it", 0.64)),
  boxes(26, box("Outcome", 1, { ticks: ["Conveyed", "See & Treat", "Referred", "Refused", "Stood down"] })),
  boxes(28, box("Handed over to: name", 0.34), box("Role", 0.2), box("Where", 0.28), box("Date, time", 0.18)),
  ...[1, 2, 3].map((i) =>
    boxes(
      24,
      box(i === 1 ? "Who wrote this form: name" : "Crew: name", 0.46),
      box("Staff number", 0.2),
      box("Role", 0.34),
    ),
  ),
  { line: "heading", text: "Notes: capacity and consent, ReSPECT, safeguarding, valuables, anything else" },
  boxes(178, box("", 1)),
];

/** The two pages of a downtime form, in the order in which a contact goes. */
export const paperPages: readonly (readonly PaperLine[])[] = [
  [...incident, ...patient, ...story, ...observations],
  [{ line: "score" }, ...drugs, ...ending],
];

/** What a crew does with a pack, on its second page and on the tablet. */
export const paperSteps: readonly string[] = [
  "One form for each patient. If a form is full, take the next one and write the first one's number in its notes.",
  "Write the time beside everything. Write “not known”, “not asked” or “refused” where that is the answer: an empty box says nothing.",
  "Tick an allergy answer on every form.",
  "Hand over from the form. Leave the hospital a photograph or a copy, and keep the original.",
  "Spoilt a form? Write VOID across it and keep it. Never throw a form away: every number is looked for.",
  "At the end of the shift give all forms, used, void and blank, to the station's box or to the desk.",
  "When tablets work again, go on in the tablet. Do not type the paper in yourself: the desk does, and two people check it.",
];
