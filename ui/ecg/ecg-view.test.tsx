import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { type EcgFile, ecgGap } from "#monitoring/ecg-file.ts";
import { EcgView } from "./ecg-view.tsx";

const ecg = (seconds: number): EcgFile => ({
  samplesPerSecond: 100,
  samplesPerLead: seconds * 100,
  source: "Test recorder",
  filter: "0.05–150 Hz",
  leads: [
    {
      name: "II",
      unitsPerMillivolt: 200,
      zero: 10,
      samples: new Int16Array(seconds * 100).fill(10).fill(310, 5, 6).fill(ecgGap, 50, 100),
    },
    { name: "V", unitsPerMillivolt: 200, zero: 0, samples: new Int16Array(seconds * 100).fill(ecgGap) },
  ],
});

test("the picture has a name that says its leads, speed, gain, filter and that it is not life size", () => {
  const html = renderToStaticMarkup(<EcgView ecg={ecg(10)} />);
  expect(html).toContain('role="img"');
  expect(html).toContain(
    'aria-label="ECG, leads II, V, 25 mm/s · 10 mm/mV · filter 0.05–150 Hz · 0.0–10.0 s of 10.0 s, fitted, not life size"',
  );
  expect(html).not.toContain("style=");
});

test("a table says what was recorded, and a gap is no value in it", () => {
  const text = renderToStaticMarkup(<EcgView ecg={ecg(10)} />).replace(/<[^>]+>/g, "|");
  expect(text).toMatch(/II\|+0\.00 mV\|+1\.50 mV\|+0\.5 s/);
  expect(text).toMatch(/V\|+not recorded\|+not recorded\|+10\.0 s/);
  expect(text).toContain("10.0 s at 100 samples per second, from Test recorder");
});

test("a longer recording can be leafed through, a short one has nothing to leaf", () => {
  expect(renderToStaticMarkup(<EcgView ecg={ecg(25)} mode="life-size" />)).toContain("Later");
  expect(renderToStaticMarkup(<EcgView ecg={ecg(10)} />)).not.toContain("Later");
});
