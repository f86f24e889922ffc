import type { Dispatch, SetStateAction } from "react";
import { Box, Choice, DateBox, TimeBox, Words } from "./boxes.tsx";
import {
  blankDrug,
  blankPerson,
  blankSet,
  type DrugText,
  type Field,
  type PaperText,
  type PersonText,
  type SetText,
  timeBoxes,
  vitalBoxes,
} from "./paper-text.ts";

interface SectionProps {
  text: PaperText;
  setText: Dispatch<SetStateAction<PaperText>>;
}

/** What stands in a box of `fields`, and how it changes. */
const boxOf =
  ({ text, setText }: SectionProps) =>
  (field: Field) => ({
    value: text.fields[field],
    onChange: (value: string) => setText((before) => ({ ...before, fields: { ...before.fields, [field]: value } })),
  });

const Group = ({ title, children }: { title: string; children: React.ReactNode }) => (
  <fieldset className="paper-group">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

export const CallSection = (props: SectionProps) => {
  const box = boxOf(props);
  const { text, setText } = props;
  return (
    <Group title="Incident">
      <DateBox label="Date" {...box("date")} />
      <TimeBox label="First time" {...box("time")} />
      <Box label="CAD number" {...box("cadNumber")} />
      <Box label="Call sign" required {...box("callSign")} />
      <Box label="Vehicle" {...box("vehicle")} />
      <Box label="Priority" {...box("priority")} />
      <Box label="Where" wide {...box("location")} />
      {timeBoxes.map(([key, label]) => (
        <TimeBox
          key={key}
          label={label}
          value={text.times[key] ?? ""}
          onChange={(value) => setText((before) => ({ ...before, times: { ...before.times, [key]: value } }))}
        />
      ))}
    </Group>
  );
};

const notTold = { "not-known": "Not known", "not-asked": "Not asked", refused: "Refused" };

export const PatientSection = (props: SectionProps) => {
  const box = boxOf(props);
  return (
    <Group title="Patient">
      <Box label="Surname" {...box("familyName")} />
      <Box label="Given name" {...box("givenName")} />
      <DateBox label="Date of birth" {...box("birthDate")} />
      <Box label="Age, years" {...box("ageYears")} />
      <Box label="NHS number" maxLength={12} {...box("nhsNumber")} />
      <Choice label="or NHS number is" options={notTold} {...box("nhsNumberNo")} />
      <Choice
        label="Sex"
        options={{ female: "Female", male: "Male", other: "Other", unknown: "Not known" }}
        {...box("gender")}
      />
      <Choice
        label="How sure who it is"
        options={{ unknown: "Unknown", stated: "Stated", "two-identifiers": "Two identifiers", traced: "Traced" }}
        {...box("identity")}
      />
      <Box label="Weight, kg" {...box("weight")} />
      <Choice
        label="Weight was"
        options={{ measured: "Measured", stated: "Stated", estimated: "Guessed" }}
        {...box("weightHow")}
      />
      <Choice label="Pregnant" options={{ yes: "Yes", no: "No", "not-known": "Not known" }} {...box("pregnant")} />
      <Box label="GP" {...box("gp")} />
      <Box label="Address and postcode" wide {...box("address")} />
      <Choice label="Allergies" options={{ none: "None", ...notTold }} {...box("allergies")} />
      <Words label="or which: a line for each, as in Penicillin, rash" {...box("allergyList")} />
    </Group>
  );
};

export const StorySection = (props: SectionProps) => {
  const box = boxOf(props);
  return (
    <Group title="What happened">
      <Box label="Main concern" wide {...box("concern")} />
      <DateBox label="Onset, date" {...box("onsetDate")} />
      <TimeBox label="Onset, time" {...box("onsetTime")} />
      <Choice label="or onset is" options={notTold} {...box("onsetNo")} />
      <Words label="Story, mechanism and what was found" {...box("findings")} />
      <Words label="Past history" {...box("pastHistory")} />
      <Words label="Medicines the patient takes" {...box("medication")} />
    </Group>
  );
};

/** Rows of one kind: each changes by itself, and there is always room for one more. */
const useRows = <Row extends Record<string, string>>(
  { setText }: SectionProps,
  key: "sets" | "drugs" | "crew",
  blank: Row,
) => ({
  change: (at: number, part: Partial<Row>) =>
    setText((before) => ({
      ...before,
      [key]: before[key].map((row, i) => (i === at ? { ...row, ...part } : row)),
    })),
  add: () => setText((before) => ({ ...before, [key]: [...before[key], blank] })),
});

export const ObservationsSection = (props: SectionProps) => {
  const { change, add } = useRows<SetText>(props, "sets", blankSet);
  const gcs = [
    ["eye", "GCS eye"],
    ["verbal", "GCS verbal"],
    ["motor", "GCS motor"],
  ] as const;
  return (
    <Group title="Observations">
      {props.text.sets.map((set, i) => (
        <fieldset key={i} className="paper-row">
          <legend>Set {i + 1}</legend>
          <TimeBox label="Time" value={set.time} onChange={(time) => change(i, { time })} />
          {[...vitalBoxes, ...gcs].map(([key, label]) => (
            <Box key={key} label={label} value={set[key]} onChange={(value) => change(i, { [key]: value })} />
          ))}
          <Choice
            label="SpO₂ scale"
            value={set.spo2Scale}
            options={{ 1: "1", 2: "2" }}
            onChange={(spo2Scale) => change(i, { spo2Scale })}
          />
          <Choice
            label="Air or oxygen"
            value={set.inspired}
            options={{ air: "Air", oxygen: "Oxygen" }}
            onChange={(inspired) => change(i, { inspired })}
          />
          <Choice
            label="ACVPU"
            value={set.acvpu}
            options={{ A: "Alert", C: "New confusion", V: "Voice", P: "Pain", U: "Unresponsive" }}
            onChange={(acvpu) => change(i, { acvpu })}
          />
        </fieldset>
      ))}
      <button type="button" className="button quiet" onClick={add}>
        One more set
      </button>
    </Group>
  );
};

const drugBoxes = [
  ["drug", "Drug"],
  ["presentation", "Strength"],
  ["dose", "Dose"],
  ["unit", "Unit"],
  ["route", "Route"],
  ["giver", "Given by"],
  ["witness", "Witness"],
  ["batch", "Batch"],
] as const;

export const DrugsSection = (props: SectionProps) => {
  const { change, add } = useRows<DrugText>(props, "drugs", blankDrug);
  return (
    <Group title="Drugs given">
      {props.text.drugs.map((drug, i) => (
        <fieldset key={i} className="paper-row">
          <legend>Drug {i + 1}</legend>
          <TimeBox label="Time" value={drug.time} onChange={(time) => change(i, { time })} />
          {drugBoxes.map(([key, label]) => (
            <Box key={key} label={label} value={drug[key]} onChange={(value) => change(i, { [key]: value })} />
          ))}
        </fieldset>
      ))}
      <button type="button" className="button quiet" onClick={add}>
        One more drug
      </button>
    </Group>
  );
};

const PersonBoxes = ({ person, onChange }: { person: PersonText; onChange: (part: Partial<PersonText>) => void }) => (
  <>
    <Box label="Name" value={person.name} onChange={(name) => onChange({ name })} />
    <Box label="Staff number" value={person.staffNumber} onChange={(staffNumber) => onChange({ staffNumber })} />
    <Box label="Role" value={person.role} onChange={(role) => onChange({ role })} />
  </>
);

export const EndingSection = (props: SectionProps) => {
  const box = boxOf(props);
  const { text, setText } = props;
  const { change, add } = useRows<PersonText>(props, "crew", blankPerson);
  return (
    <Group title="ECG, handover, crew">
      <Choice label="ECG recorded" options={{ yes: "Yes", no: "No" }} {...box("ecg")} />
      <TimeBox label="ECG time" {...box("ecgTime")} />
      <Box label="What they read in it" wide {...box("ecgSays")} />
      <Choice
        label="Outcome"
        options={{
          "see-and-convey": "Conveyed",
          "see-and-treat": "See & Treat",
          referred: "Referred",
          refused: "Refused",
          "stood-down": "Stood down",
        }}
        {...box("outcome")}
      />
      <Box label="Handed over to" {...box("handoverTo")} />
      <Box label="Their role" {...box("handoverRole")} />
      <Box label="Handed over where" {...box("handoverWhere")} />
      <DateBox label="Handover date" {...box("handoverDate")} />
      <TimeBox label="Handover time" {...box("handoverTime")} />
      <fieldset className="paper-row">
        <legend>Who wrote the form</legend>
        <PersonBoxes
          person={text.author}
          onChange={(part) => setText((before) => ({ ...before, author: { ...before.author, ...part } }))}
        />
      </fieldset>
      {text.crew.map((person, i) => (
        <fieldset key={i} className="paper-row">
          <legend>Crew {i + 1}</legend>
          <PersonBoxes person={person} onChange={(part) => change(i, part)} />
        </fieldset>
      ))}
      <button type="button" className="button quiet" onClick={add}>
        One more of the crew
      </button>
      <Words label="Notes" rows={4} {...box("notes")} />
    </Group>
  );
};
