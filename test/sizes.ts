/** How much each test does: `npm test` runs the small sizes, `npm run test:long` the full ones. */
export const isLong = process.env.HOLDFAST_LONG === "1";

export const sizes = isLong
  ? {
      seeds: 100_000,
      serverPowerCuts: 25,
      browserPowerCuts: 10,
      fuzz: 20_000,
      mutations: 1_000,
      packs: 1_000,
      attacks: 50,
      paperForms: 1_000,
      openings: 60_000,
      drillTablets: 200,
    }
  : {
      seeds: 2_000,
      serverPowerCuts: 5,
      browserPowerCuts: 3,
      fuzz: 500,
      mutations: 96,
      packs: 100,
      attacks: 12,
      paperForms: 200,
      openings: 6_000,
      drillTablets: 8,
    };
