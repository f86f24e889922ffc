import type { FastifyInstance } from "fastify";
import * as z from "zod/mini";
import { type SettingRow, settingChange } from "#protocol/control/settings.ts";
import type { Cells } from "../../http/cell-host.ts";
import { parseMessage } from "../../http/parse.ts";
import { ProblemError } from "../../http/problem-error.ts";
import type { ControlLog } from "../../logs/control-log.ts";
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
    const state = { ...held?.state, [setting.field]: value };
    const line = { kind: "setting", id: setting.subject, state, by, reason, expected } as const;
    return { position: await change("setting", [line]) };
  });
};

const named = (id: string): Setting => {
  const found = settings.find((setting) => settingId(setting) === id);
  if (found === undefined) throw notHere("setting");
  return found;
};

const checkValue = ({ type, least, most, title }: Setting, value: SettingRow["value"]): void => {
  const isOfType = typeof value === { switch: "boolean", number: "number", text: "string" }[type];
  const isInRange =
    typeof value !== "number" ||
    (Number.isInteger(value) &&
      value >= (least ?? Number.MIN_SAFE_INTEGER) &&
      value <= (most ?? Number.MAX_SAFE_INTEGER));
  if (isOfType && isInRange) return;
  const todo = type === "number" ? `Give a whole number from ${least} to ${most}.` : `Give a ${type}.`;
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
    const { subject, field, fallback, weak, ...shown } = setting;
    const { held, lines = [] } = bySubject.get(subject) ?? {};
    const value = (held?.state[field] ?? fallback) as SettingRow["value"];
    const last = lines.findLast((line, i) => line.state[field] !== lines[i - 1]?.state[field]);
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
