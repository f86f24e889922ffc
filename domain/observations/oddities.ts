import { compareDecimals } from "../entry/decimal.ts";
import { type Observations, type Vital, vitalUnits } from "./observations.ts";
import { isImpossible } from "./possible.ts";
import { vitalText, vitalWords } from "./words.ts";

export interface Oddity {
  vital: Vital;
  message: string;
}

/** Outside of these a reading is possible, but more often a slip or a bad probe. In the units of `vitalUnits`. */
const usual: Partial<Record<Vital, readonly [lowest: string, highest: string]>> = {
  respirations: ["4", "60"],
  spo2: ["60", "100"],
  systolic: ["50", "260"],
  diastolic: ["20", "160"],
  pulse: ["25", "230"],
  heartRate: ["25", "230"],
  temperature: ["30.0", "42.0"],
  glucose: ["1.5", "35"],
  etco2: ["1", "12"],
  capillaryRefill: ["0", "10"],
  oxygenFlow: ["0", "25"],
};

/** What to look at again in a set. These are questions to the crew: nothing is refused or changed. */
export const oddities = (obs: Observations): Oddity[] => {
  const found: Oddity[] = [];
  for (const vital of Object.keys(vitalUnits) as Vital[]) {
    const value = measured(obs, vital);
    if (value === undefined) continue;
    const said = `${vitalWords[vital].label} ${vitalText(vital, value)}`;
    if (isImpossible(vital, value))
      found.push({ vital, message: `${said}: not possible. It is kept, and not scored.${hint(vital, value)}` });
    else if (outside(value, usual[vital])) found.push({ vital, message: `${said}: unusual. Check the reading.` });
  }
  const [systolic, diastolic] = [measured(obs, "systolic"), measured(obs, "diastolic")];
  if (systolic !== undefined && diastolic !== undefined && compareDecimals(diastolic, systolic) >= 0)
    found.push({ vital: "diastolic", message: `Blood pressure ${systolic}/${diastolic}: are they swapped?` });
  return found;
};

const measured = (obs: Observations, vital: Vital): string | undefined => {
  const reading = obs[vital];
  return reading && "value" in reading ? reading.value : undefined;
};

const outside = (value: string, range: readonly [string, string] | undefined): boolean =>
  range !== undefined && (compareDecimals(value, range[0]) < 0 || compareDecimals(value, range[1]) > 0);

const hint = (vital: Vital, value: string): string => {
  if (vital === "temperature" && !outside(value, ["80", "115"])) return " Is it in °F?";
  if (vital === "temperature" && !outside(value, ["300", "430"])) return " Is a decimal point missing?";
  return "";
};
