import * as z from "zod/mini";
import { deviceZones } from "#defence/access/words.ts";
import { instant, uuid } from "#domain/entry/entry.ts";
import type { PublicJwk, SignedStatement } from "./grants.ts";

/** That a device key belongs to a device of the trust. After `readsUntil` it reads no more; it pushes for ever. */
export const certificate = z.object({
  type: z.literal("certificate"),
  trust: z.string().check(z.maxLength(40)),
  deviceId: uuid,
  /** RFC 7638 thumbprint of the device's key. */
  keyThumbprint: z.string().check(z.maxLength(64)),
  zone: z.enum(deviceZones),
  siteId: z.optional(z.string().check(z.maxLength(100))),
  issuedAt: instant,
  readsUntil: instant,
});
export type Certificate = z.infer<typeof certificate>;

/** `unreadable`: rightly signed, and about something else. */
export type CertificateFault =
  | "bad-signature"
  | "unreadable"
  | "other-trust"
  | "other-device"
  | "other-key"
  | "expired";

/** Whether the signature of the text is this key's. */
export type VerifyText = (key: PublicJwk, text: string, signature: string) => boolean | Promise<boolean>;

/** What a statement says, once its signature is known to be of one of the trust's keys. Nothing unsigned is read. */
export const readStatement = async <T extends z.ZodMiniType>(
  schema: T,
  { statement, signature }: SignedStatement,
  issuerKeys: readonly PublicJwk[],
  verify: VerifyText,
): Promise<{ says: z.infer<T> } | { fault: "bad-signature" | "unreadable" }> => {
  for (const key of issuerKeys) {
    if (!(await verify(key, statement, signature))) continue;
    const read = schema.safeParse(JSON.parse(statement));
    return read.success ? { says: read.data } : { fault: "unreadable" };
  }
  return { fault: "bad-signature" };
};

/** Whom a certificate must be about, and when it is asked, ms since 1970. */
export interface CertificateHolder {
  trust: string;
  deviceId: string;
  keyThumbprint: string;
  nowMs: number;
}

/** The certificate if it is the trust's, over this device and key, and still reads; else the first thing that is wrong. */
export const checkCertificate = async (
  signed: SignedStatement,
  holder: CertificateHolder,
  issuerKeys: readonly PublicJwk[],
  verify: VerifyText,
): Promise<{ says: Certificate } | { fault: CertificateFault }> => {
  const read = await readStatement(certificate, signed, issuerKeys, verify);
  if ("fault" in read) return read;
  const { trust, deviceId, keyThumbprint, readsUntil } = read.says;
  if (trust !== holder.trust) return { fault: "other-trust" };
  if (deviceId !== holder.deviceId) return { fault: "other-device" };
  if (keyThumbprint !== holder.keyThumbprint) return { fault: "other-key" };
  if (Date.parse(readsUntil) <= holder.nowMs) return { fault: "expired" };
  return read;
};
