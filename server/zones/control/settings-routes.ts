import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type SettingRow, settingChange } from "#protocol/control/settings.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { ControlLine, ControlLog } from "../../logs/control-log.ts";
import { deskCall, notHere } from "./desk-call.ts";
import { actorName, historyOf, namesOf } from "./history.ts";
import { type Setting, settingId, settings } from "./setting-catalogue.ts";

const config = { action: "manage-settings" } as const;
const byId = z.object({ settingId: z.string().check(z.regex(/^[a-z-]{1,30}\.[a-zA-Z]{1,30}$/)) });

/** What the trust has decided, as it is and as it was. */
export const settingsRoutes = (app: FastifyInstance, cells: Cells): void => {
  app.get("/control/v1/settings", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const rows = await readSettings(log);
    await noteAccess("settings");
    return { settings: rows };
  });

  app.get("/control/v1/settings/:settingId/history", { config }, async (request) => {
    const { log, noteAccess } = await deskCall(cells, request);
    const setting = named(parseMessage(byId, request.params).settingId);
    const { subject, field } = setting;
    const lines = await historyOf(log, "setting", subject);
    await noteAccess("setting-history", { detail: `setting ${settingId(setting)}` });
    const ofField = lines.map((line) => ({ ...line, fields: line.fields.filter((each) => each.field === field) }));
    return { lines: ofField.filter((line) => line.fields.length > 0) };
  });

  app.post("/control/v1/settings/:settingId", { config, bodyLimit: 4_000 }, async (request) => {
    const { log, by, change } = await deskCall(cells, request);
    const setting = named(parseMessage(byId, request.params).settingId);
    const { value, reason, expected } = parseMessage(settingChange, request.body);
    checkValue(setting, value);
    const held = await log.find("setting", setting.subject);
    const state = { ...held?.state, [setting.field]: storedOf(setting, value) };
    const line = { kind: "setting", id: setting.subject, state, by, reason, expected } as const;
    return { position: await change("setting", [line]) };
  });
};

const named = (id: string): Setting => {
  const found = settings.find((setting) => settingId(setting) === id);
  if (found === undefined) throw notHere("setting");
  return found;
};

const typeOf = { switch: "boolean", number: "number", text: "string", words: "string", secret: "string" } as const;
const wordsOf = (value: string): string[] => value.split(/\s+/).filter((word) => word !== "");

/** What the log holds: undefined takes it away. */
const storedOf = ({ type }: Setting, value: SettingRow["value"]): unknown => {
  if (type === "words") return wordsOf(String(value));
  return type === "secret" && value === "" ? undefined : value;
};

/** What the desk is shown. */
const shownOf = ({ type, fallback }: Setting, held: unknown): SettingRow["value"] => {
  if (held === undefined) return fallback;
  if (type === "secret") return "set";
  return Array.isArray(held) ? held.join(" ") : (held as SettingRow["value"]);
};

const checkValue = ({ type, least, most, title, refuse }: Setting, value: SettingRow["value"]): void => {
  const isOfType = typeof value === typeOf[type];
  const [refused] = type === "words" ? wordsOf(String(value)).flatMap((word) => refuse?.(word) ?? []) : [];
  if (refused !== undefined)
    throw new ProblemError(400, "bad-setting", `"${title}" cannot be that: ${refused}.`, "Leave it out.");
  const isInRange =
    typeof value !== "number" ||
    (Number.isInteger(value) &&
      value >= (least ?? Number.MIN_SAFE_INTEGER) &&
      value <= (most ?? Number.MAX_SAFE_INTEGER));
  if (isOfType && isInRange) return;
  const todo =
    type === "number"
      ? `Give a whole number from ${least} to ${most}.`
      : `Give a ${type === "switch" ? "switch" : "text"}.`;
  throw new ProblemError(400, "bad-setting", `"${title}" cannot be that.`, todo);
};

const readSettings = async (log: ControlLog): Promise<SettingRow[]> => {
  const names = await namesOf(log);
  const subjects = [...new Set(settings.map(({ subject }) => subject))];
  const read = subjects.map(async (subject) => {
    const [held, lines] = await Promise.all([log.find("setting", subject), log.history("setting", subject)]);
    return [subject, { held, lines }] as const;
  });
  const bySubject = new Map(await Promise.all(read));
  return settings.map((setting): SettingRow => {
    const { subject, field, fallback: _fallback, weak, refuse: _refuse, ...shown } = setting;
    const { held, lines = [] } = bySubject.get(subject) ?? {};
    const value = shownOf(setting, held?.state[field]);
    const of = (line: ControlLine | undefined) => JSON.stringify(line?.state[field]);
    const last = lines.findLast((line, i) => of(line) !== of(lines[i - 1]));
    return {
      id: settingId(setting),
      ...shown,
      value,
      weak: weak !== undefined && value === weak,
      ...(last !== undefined && { changed: last.changed.toISOString(), by: actorName(names, last.by) }),
      position: held?.position ?? 0,
    };
  });
};
