import { describe, expect, test } from "vitest";
import {
  emptyPad,
  type ObsPad,
  type ObsPadEvent,
  observationsOf,
  settledObservationsOf,
  updateObsPad,
} from "./obs-pad-state.ts";

const play = (events: readonly ObsPadEvent[], from: ObsPad = emptyPad) => events.reduce(updateObsPad, from);
const type = (digits: string): ObsPadEvent[] => [...digits].map((digit) => ({ type: "digit", digit }));
const choose = (field: "inspired" | "acvpu", choice: string): ObsPadEvent => ({ type: "choose", field, choice });

describe("the obs pad", () => {
  test("a full set needs no 'next': the pad moves on when a number is complete", () => {
    const events = [
      ...type("21"),
      ...type("95"),
      choose("inspired", "air"),
      ...type("104"),
      ...type("102"),
      ...type("64"),
      choose("acvpu", "A"),
      ...type("360"),
      ...type("5"),
    ];
    expect(events.length).toBeLessThanOrEqual(24);
    expect(observationsOf(play(events))).toEqual({
      respirations: { value: "21", from: "hand" },
      spo2: { value: "95", from: "hand" },
      inspired: { is: "air", from: "hand" },
      pulse: { value: "104", from: "hand" },
      systolic: { value: "102", from: "hand" },
      diastolic: { value: "64", from: "hand" },
      acvpu: { is: "A", from: "hand" },
      temperature: { value: "36.0", from: "hand" },
      pain: { value: "5", from: "hand" },
    });
  });

  test("nothing typed is nothing saved", () =>
    expect(observationsOf(play([{ type: "next" }, { type: "next" }]))).toEqual({}));

  test("a saturation of 100 takes its third digit", () => {
    const pad = play([{ type: "focus", field: "spo2" }, ...type("100")]);
    expect(observationsOf(pad)).toEqual({ spo2: { value: "100", from: "hand" } });
    expect(pad.active).toBe("inspired");
  });

  test("a field chosen again starts anew, and backspace takes back one digit", () => {
    const again = play([...type("21"), { type: "focus", field: "respirations" }, ...type("1")]);
    expect(observationsOf(again)).toEqual({ respirations: { value: "1", from: "hand" } });
    const back = play([
      { type: "focus", field: "pulse" },
      ...type("104"),
      { type: "focus", field: "pulse" },
      { type: "backspace" },
    ]);
    expect(observationsOf(back)).toEqual({ pulse: { value: "10", from: "hand" } });
  });

  test("one up or down keeps the tenths of a temperature", () => {
    const pad = play([
      { type: "focus", field: "temperature" },
      ...type("369"),
      { type: "focus", field: "temperature" },
      { type: "step", by: 1 },
    ]);
    expect(observationsOf(pad)).toEqual({ temperature: { value: "37.0", from: "hand" } });
  });

  test("a step on an empty field does nothing: there is no number to step from", () =>
    expect(observationsOf(play([{ type: "step", by: 1 }]))).toEqual({}));

  test("'same' is an answer of its own, marked as reconfirmed", () =>
    expect(observationsOf(play([{ type: "same", field: "acvpu", choice: "A" }]))).toEqual({
      acvpu: { is: "A", from: "hand", reconfirmed: true },
    }));

  test("not done says why and moves on", () => {
    const pad = play([
      { type: "focus", field: "temperature" },
      { type: "ask-not-done" },
      { type: "not-done", reason: "refused" },
    ]);
    expect(observationsOf(pad)).toEqual({ temperature: { notDone: "refused" } });
    expect(pad.active).toBe("pain");
  });

  test("pain 10 takes two digits, pain 5 takes one, pain 0 is a score", () => {
    const focus: ObsPadEvent = { type: "focus", field: "pain" };
    expect(observationsOf(play([focus, ...type("10")])).pain).toEqual({ value: "10", from: "hand" });
    expect(observationsOf(play([focus, ...type("5")])).pain).toEqual({ value: "5", from: "hand" });
    expect(observationsOf(play([focus, ...type("0")])).pain).toEqual({ value: "0", from: "hand" });
  });

  test("glucose takes its last digit as the tenth, and never a leading nought too many", () => {
    const focus: ObsPadEvent = { type: "focus", field: "glucose" };
    expect(observationsOf(play([focus, ...type("54")])).glucose).toEqual({ value: "5.4", from: "hand" });
    expect(observationsOf(play([focus, ...type("124")])).glucose).toEqual({ value: "12.4", from: "hand" });
    expect(observationsOf(play([focus, ...type("05")])).glucose).toEqual({ value: "0.5", from: "hand" });
    expect(observationsOf(play([focus, ...type("054")])).glucose).toEqual({ value: "5.4", from: "hand" });
  });

  test("a number that is still being typed is saved and not yet scored", () => {
    const pad = play([{ type: "focus", field: "systolic" }, ...type("1")]);
    expect(settledObservationsOf(pad)).toEqual({});
    expect(observationsOf(pad)).toEqual({ systolic: { value: "1", from: "hand" } });
    expect(settledObservationsOf(play([...type("02")], pad))).toEqual({ systolic: { value: "102", from: "hand" } });
    const single = play([...type("8"), { type: "next" }]);
    expect(settledObservationsOf(single)).toEqual({ respirations: { value: "8", from: "hand" } });
  });

  test("a GCS needs all three parts", () => {
    const eye: ObsPadEvent = { type: "choose", field: "eye", choice: "4" };
    expect(observationsOf(play([eye]))).toEqual({});
    const all = play([
      eye,
      { type: "choose", field: "verbal", choice: "T" },
      { type: "choose", field: "motor", choice: "6" },
    ]);
    expect(observationsOf(all)).toEqual({ gcs: { is: { eye: 4, verbal: "T", motor: 6 }, from: "hand" } });
  });
});
