/** What a crew does when something does not answer. On the tablet with its program, so that it is there without any network. */
export interface Runbook {
  title: string;
  steps: readonly string[];
}

export const runbooks: readonly Runbook[] = [
  {
    title: "No connection to the base",
    steps: [
      "Go on charting. Everything is saved on this tablet and sent by itself later.",
      "Hand over from this screen: the hospital reads what you show.",
      "Earlier contacts and look-ups may be missing: ask the patient, family and the GP about allergies and care plans.",
      "If a hospital's screen does not show your patient, call ahead.",
    ],
  },
  {
    title: "The base refuses this tablet",
    steps: [
      "Go on charting. What you write waits at the desk, and nothing is lost.",
      "Call the desk and give the tablet's name. Take another tablet when you can.",
    ],
  },
  {
    title: "This tablet fails",
    steps: [
      "Take the other tablet, or the spare one of the station. Records that were sent are there.",
      "No tablet? Take a paper form from the vehicle's pack, one for each patient.",
      "Write on the form what you remember, and the time you changed to paper.",
      "Keep the broken tablet: what it holds can be sent later. Never reset it.",
    ],
  },
  {
    title: "Going to paper",
    steps: [
      "One form for each patient. If it is full, take the next and write the first one's number in its notes.",
      "Write the time beside everything. Tick an allergy answer on every form.",
      "Leave the hospital a photograph or a copy, and keep the original.",
      "Spoilt? Write VOID on it and keep it: every number is looked for.",
      "At the end of the shift all forms, used, void and blank, go to the station's box.",
    ],
  },
  {
    title: "Coming back from paper",
    steps: [
      "When tablets work again, go on in the tablet. Begin a record for a patient whom you still have.",
      "Do not type the paper in: the desk does, and two people check it.",
      "Write the form's number as a note in the record, so that the two are found together.",
    ],
  },
];
