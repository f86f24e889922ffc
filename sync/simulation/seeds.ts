/** Seeds that once failed, with what each found. They stay in every run. */
export const keptSeeds: readonly { seed: number; found: string }[] = [];
