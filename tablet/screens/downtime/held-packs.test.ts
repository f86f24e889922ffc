import { expect, test } from "vitest";
import { packsHere, packWords } from "./held-packs.ts";

const packs = [
  { vehicle: "NM201", pack: "NM-48210001", forms: 25 },
  { vehicle: "Vehicle 7 / AMB", pack: "NM-48210002", forms: 10 },
  { vehicle: "NM202", pack: "NM-48210003", forms: 25 },
];

test("a vehicle's packs are found by its call sign or its own name, however they are written", () => {
  const here = packsHere(packs, { callSign: "nm 201", vehicle: "vehicle 7/amb" });
  expect(here.map(packWords)).toEqual(["NM-48210001, forms 001 to 025", "NM-48210002, forms 001 to 010"]);
  expect(packsHere(packs, null)).toEqual([]);
});
