import type { RetentionTerms } from "#domain/patient/retention.ts";
import type { SettingRow } from "#protocol/control/settings.ts";
import type { ControlLog } from "../../logs/control-log.ts";

/** One value that the desk may change: a field of a subject of kind `setting`. */
export interface Setting {
  subject: string;
  field: string;
  title: string;
  words: string;
  type: SettingRow["type"];
  /** In force while nobody has set it. */
  fallback: SettingRow["value"];
  unit?: string;
  least?: number;
  most?: number;
  /** The value that is weaker than advised. */
  weak?: SettingRow["value"];
  /** Why this one value may not be; undefined where it may. */
  refuse?(value: string): string | undefined;
}

const retentionSetting = "retention";
const retentionDefaults: RetentionTerms = { adultYears: 10, childAge: 25 };

/** Methods of RFC 8176 that are one factor: to let one count would turn the second off. */
const oneFactorAmr: ReadonlySet<string> = new Set(
  "face fpt geo hwk iris kba mca otp pin pop pwd rba retina sc sms swk tel user vbm wia".split(" "),
);
const oneFactorAcr = /^0$|:classes:(Password|PasswordProtectedTransport|unspecified)$/;

/** There is none that turns a second factor off. */
export const settings: readonly Setting[] = [
  {
    subject: "lock",
    field: "afterMinutes",
    title: "Tablets lock after",
    words: "Minutes without a touch. A tablet never locks by itself in arrest mode.",
    type: "number",
    fallback: 5,
    unit: "minutes",
    least: 1,
    most: 240,
  },
  {
    subject: "lock",
    field: "pinAlone",
    title: "A PIN alone opens a tablet",
    words:
      "For tablets whose authenticator cannot hold half of the key. Whoever copies such a tablet's disk can try PINs on it.",
    type: "switch",
    fallback: false,
    weak: true,
  },
  {
    subject: "provider",
    field: "name",
    title: "Name of the identity provider",
    words: "As people see it on the button they sign in with.",
    type: "text",
    fallback: "",
  },
  {
    subject: "provider",
    field: "issuer",
    title: "Address of the identity provider",
    words: "The issuer of OpenID Connect. People with a passkey sign in without it.",
    type: "text",
    fallback: "",
  },
  {
    subject: "provider",
    field: "clientId",
    title: "Holdfast's name at the identity provider",
    words: "The client id that the provider gave to this trust.",
    type: "text",
    fallback: "",
  },
  {
    subject: "provider",
    field: "clientSecret",
    title: "Holdfast's secret at the identity provider",
    words:
      "Where the provider gave one beside the client id. It is kept sealed and shown to nobody; save nothing to remove it.",
    type: "secret",
    fallback: "",
  },
  {
    subject: "provider",
    field: "acrValues",
    title: "Levels of sign-in that count as two factors",
    words:
      "What the provider says in `acr`, in order of preference, with spaces between. Holdfast asks for them, and takes any of them.",
    type: "words",
    fallback: "",
    refuse: (value) => (oneFactorAcr.test(value) ? "that is a sign-in with one factor" : undefined),
  },
  {
    subject: "provider",
    field: "amrValues",
    title: "Methods of sign-in that count as two factors",
    words: "What the provider says in `amr`, with spaces between: any of them counts. RFC 8176 has mfa.",
    type: "words",
    fallback: "mfa",
    refuse: (value) => (oneFactorAmr.has(value) ? "that is one factor by itself" : undefined),
  },
  {
    subject: retentionSetting,
    field: "adultYears",
    title: "Adults' records are kept for",
    words:
      "Years after the last entry. The Records Management Code of Practice asks for at least 8, and for 20 where mental health care is meant.",
    type: "number",
    fallback: retentionDefaults.adultYears,
    unit: "years",
    least: 8,
    most: 100,
  },
  {
    subject: retentionSetting,
    field: "childAge",
    title: "Children's records are kept until the age of",
    words: "And never shorter than an adult's. Where the age is not known, the patient counts as a newborn.",
    type: "number",
    fallback: retentionDefaults.childAge,
    unit: "years",
    least: 25,
    most: 100,
  },
];

/** The trust's retention terms as they are now. */
export const retentionTerms = async (log: ControlLog): Promise<RetentionTerms> => ({
  ...retentionDefaults,
  ...(await log.find("setting", retentionSetting))?.state,
});

export const settingId = ({ subject, field }: Setting): string => `${subject}.${field}`;
