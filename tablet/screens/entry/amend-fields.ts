import { type KnownEntry, kinds } from "#domain/kinds.ts";
import { type Vital, vitalUnits } from "#domain/observations/observations.ts";
import { unitText, vitalWords } from "#domain/observations/words.ts";

export interface AmendField {
  key: string;
  label: string;
  value: string;
  rows?: number;
}

const text = (key: string, label: string, value: string | undefined, rows?: number): AmendField => ({
  key,
  label,
  value: value ?? "",
  ...(rows === undefined ? {} : { rows }),
});

/** What can be changed in place, as text boxes; kinds with a screen of their own have none. */
export const amendFields = (entry: KnownEntry): AmendField[] => {
  switch (entry.kind) {
    case "note":
      return [text("text", "Note", entry.body.text, 5)];
    case "event":
      return [
        text("event", "What", entry.body.event),
        text("detail", details(entry.body.toFinish), entry.body.detail, 2),
      ];
    case "drug": {
      const { dose, route, indication, batch, presentation } = entry.body;
      return [
        text("dose", `Dose, ${dose === undefined ? "number and unit, like 400 ug" : unitText(dose.unit)}`, dose?.value),
        text("route", "Route", route),
        text("presentation", "Presentation", presentation),
        text("indication", "Indication", indication),
        text("batch", "Batch", batch),
      ];
    }
    case "observations":
      return (Object.keys(vitalUnits) as Vital[]).flatMap((vital) => {
        const held = entry.body[vital];
        return held === undefined || !("value" in held)
          ? []
          : [text(vital, `${vitalWords[vital].label}, ${vitalWords[vital].unit}`, held.value)];
      });
    case "ecg":
      return [text("crewSays", "What the crew sees", entry.body.crewSays, 3)];
    case "handover":
      return [
        text("receiverName", "Receiver's name", entry.body.receiverName),
        text("receiverRole", "Receiver's role", entry.body.receiverRole),
        text("comment", "Comment", entry.body.comment, 3),
      ];
    case "incident":
      return [
        text("cadNumber", "CAD number", entry.body.cadNumber),
        text("priority", "Priority", entry.body.priority),
        text("location", "Location", entry.body.location),
      ];
    default:
      return [];
  }
};

const details = (toFinish: readonly string[] | undefined) =>
  toFinish === undefined || toFinish.length === 0 ? "Detail" : `Detail: ${toFinish.join(", ")}`;

/** The new body, or in plain words what keeps it from being one. Nothing typed is lost: the form stays as it is. */
export const amendedBody = (
  entry: KnownEntry,
  values: Readonly<Record<string, string>>,
): { body: unknown } | { problem: string } => {
  const body: Record<string, unknown> = { ...entry.body };
  for (const [key, raw] of Object.entries(values)) {
    const value = raw.trim();
    if (entry.kind === "observations") {
      if (value === "") delete body[key];
      else body[key] = { ...(entry.body[key as Vital] as object), value };
    } else if (entry.kind === "drug" && key === "dose") {
      const match = /^(\S+?)\s*([a-zA-Z[\]%/]*)$/.exec(value);
      if (value === "") delete body.dose;
      else body.dose = { value: match?.[1] ?? value, unit: match?.[2] || entry.body.dose?.unit || "mg" };
    } else if (value === "" && key !== "text" && key !== "event") delete body[key];
    else body[key] = value;
  }
  if (entry.kind === "event" && body.detail) delete body.toFinish;
  const parsed = kinds[entry.kind].safeParse(body);
  return parsed.success ? { body } : { problem: "A number is not readable. Write digits with a point, like 36.8." };
};
