import type { ServerConfig } from "../config.ts";
import { readControlLine } from "../logs/control-log.ts";
import type { StoredLine } from "../verify/stored-lines.ts";
import { type Setting, settingId, settings } from "../zones/control/setting-catalogue.ts";

/** A change of one of the trust's settings. Why it was made is free words, and stays in the control log. */
interface SettingChange {
  /** In the control log. */
  position: number;
  received: string;
  /** Ids of the person and the device; null for the system. */
  person: string | null;
  device: string | null;
  setting: string;
  /** Null for what is not repeated: a secret, or nothing that is in the list of settings. */
  value: unknown;
}

/** The settings and how they came to be, from the lines of the control log as they go by. */
export interface SettingsHistory {
  see(line: StoredLine): void;
  changes(): readonly SettingChange[];
  /** The last value of each that anybody has set. */
  now(): Record<string, unknown>;
  /** Ids of those at a value that is weaker than advised. */
  weak(): string[];
}

export const watchSettings = (): SettingsHistory => {
  const changes: SettingChange[] = [];
  const held = new Map<string, Record<string, unknown>>();
  const values = new Map<string, unknown>();
  return {
    see: ({ position, received, text }) => {
      const change = text === null ? null : readControlLine(text);
      if (change?.kind !== "setting") return;
      const { id, state, by } = change;
      const before = held.get(id) ?? {};
      held.set(id, state);
      const about = { position, received, person: by.userId ?? null, device: by.deviceId ?? null };
      const known = settings.filter(({ subject }) => subject === id);
      if (known.length === 0) changes.push({ ...about, setting: id, value: null });
      for (const setting of known) {
        if (JSON.stringify(before[setting.field]) === JSON.stringify(state[setting.field])) continue;
        const value = shown(setting, state[setting.field]);
        values.set(settingId(setting), value);
        changes.push({ ...about, setting: settingId(setting), value });
      }
    },
    changes: () => changes,
    now: () =>
      Object.fromEntries(settings.map((each) => [settingId(each), values.get(settingId(each)) ?? each.fallback])),
    weak: () =>
      settings
        .filter((each) => each.weak !== undefined && (values.get(settingId(each)) ?? each.fallback) === each.weak)
        .map(settingId),
  };
};

const shown = ({ type }: Setting, value: unknown): unknown => {
  if (type === "secret") return value === undefined ? null : "set";
  return value ?? null;
};

/** How the program was started, as far as that is no secret: no password, and no path of the machine. */
export const shownConfig = (config: ServerConfig): Record<string, unknown> => {
  const { letterbox, witnesses, databaseUrl, tlsDirectory, dataDirectory: _path, ...rest } = config;
  const address = (url: string): string => new URL(url).origin;
  return {
    ...rest,
    database: databaseUrl === undefined ? "embedded" : "by DATABASE_URL",
    letterbox: letterbox === undefined ? null : address(letterbox),
    tls: tlsDirectory !== undefined,
    witnesses: witnesses.map((each) => {
      const cut = each.indexOf("@");
      return { key: each.slice(0, cut), address: address(each.slice(cut + 1)) };
    }),
  };
};
