/** What the "Analgesia" tile lists first. Names only: doses are the formulary's. */
const analgesics =
  /^(morphine|paracetamol|ibuprofen|entonox|nitrous oxide|methoxyflurane|ketamine|fentanyl|tramadol|codeine)\b/i;

/** The drugs to offer, analgesics first where those were asked for; the order is otherwise kept. */
export const offered = (names: readonly string[], analgesia: boolean): string[] =>
  analgesia
    ? [...names.filter((name) => analgesics.test(name)), ...names.filter((name) => !analgesics.test(name))]
    : [...names];
