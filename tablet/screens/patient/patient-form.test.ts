import { describe, expect, test } from "vitest";
import { patient } from "#domain/patient/patient.ts";
import { patientForm, readPatientForm } from "./patient-form.ts";

describe("the patient form", () => {
  test("what was saved comes back as it was", () => {
    const body = {
      identity: "two-identifiers" as const,
      familyName: "DEMO-WHITE",
      givenName: "Margaret",
      nhsNumber: { is: "9990000018" },
      birthDate: { is: "1954-03-14" },
      gender: "female" as const,
      pregnant: { no: "not-asked" as const },
      weight: { quantity: { value: "68.0", unit: "kg" }, how: "stated" as const },
    };
    expect(readPatientForm(patientForm(body))).toEqual({ body, flags: [] });
  });

  test("an empty form is an unknown patient, and that can be saved", () =>
    expect(readPatientForm(patientForm(undefined))).toEqual({ body: { identity: "unknown" }, flags: [] }));

  test("what cannot be read is named and left out; the rest is saved", () => {
    const form = {
      ...patientForm(undefined),
      familyName: "DEMO-HILL",
      nhsNumber: "999 000",
      ageYears: "about forty",
      weight: "6 stone",
    };
    const { body, flags } = readPatientForm(form);
    expect(body).toEqual({ identity: "unknown", familyName: "DEMO-HILL" });
    expect(flags).toHaveLength(3);
    expect(patient.safeParse(body).success).toBe(true);
  });

  test("an NHS number typed with its spaces is ten digits", () =>
    expect(readPatientForm({ ...patientForm(undefined), nhsNumber: "999 000 0018" }).body.nhsNumber).toEqual({
      is: "9990000018",
    }));

  test("refused and not asked differ", () => {
    const refused = readPatientForm({ ...patientForm(undefined), nhsNo: "refused" });
    expect(refused.body.nhsNumber).toEqual({ no: "refused" });
    expect(readPatientForm({ ...patientForm(undefined), nhsNo: "not-asked" }).body.nhsNumber).toEqual({
      no: "not-asked",
    });
  });
});
