import type * as z from "zod/mini";
import { oldestSupportedVersion, protocolVersion } from "#protocol/version.ts";
import { compiled } from "../compiled.ts";
import { ProblemError } from "./problem-error.ts";

/** The message, or a 400 that names the first field that does not fit. Values are never repeated: they may be a patient's. */
export const parseMessage = <T extends z.ZodMiniType>(schema: T, body: unknown): z.infer<T> => {
  const read = compiled(schema).safeParse(body);
  if (!read.success) {
    const where = read.error.issues[0]?.path.filter(
      (step) => typeof step === "number" || /^[a-zA-Z]{1,20}$/.test(String(step)),
    );
    const field = where === undefined || where.length === 0 ? "the message" : where.join(".");
    throw new ProblemError(
      400,
      "bad-message",
      `The message does not fit its schema at ${field}.`,
      "Correct that field; protocol/ holds the schemas. Nothing was stored.",
    );
  }
  checkVersion((read.data as { protocol?: number }).protocol);
  return read.data;
};

const checkVersion = (protocol: number | undefined): void => {
  if (protocol === undefined || (protocol >= oldestSupportedVersion && protocol <= protocolVersion)) return;
  throw new ProblemError(
    400,
    "protocol-version",
    `This server speaks protocol ${oldestSupportedVersion} to ${protocolVersion}.`,
    protocol < oldestSupportedVersion ? "Update this device." : "Update the server, or try again later.",
  );
};
