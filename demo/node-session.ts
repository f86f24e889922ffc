import { type AttachRequest, attachResponse } from "#protocol/attach.ts";
import type { EnrolResponse, RosterPerson } from "#protocol/enrolment.ts";
import { type SessionTokens, sessionTokens } from "#protocol/session.ts";
import type { GrantSignIn } from "#protocol/sign-in.ts";
import { protocolVersion } from "#protocol/version.ts";
import { demonstrationPeople } from "#server/identity/demonstration-roster.ts";
import { keysOfPin, type PinKeys, pinProofOf } from "#server/identity/pin-keys.ts";
import { trusts } from "#server/trusts.ts";
import { jsonOf, type NodeHttp } from "./node-http.ts";
import type { Bearer } from "./node-proofs.ts";

/** Who is signed in on a Node device: as on a tablet that a PIN unlocked, the trust's grant opens a session. */
export interface NodeSession {
  /** The person's token while somebody is signed in, else the device's own; undefined before the enrolment. */
  bearer(): Bearer | undefined;
  isSignedIn(): boolean;
  /** `enrolment` is what it shows to another server of the trust. */
  enrolled(device: Bearer, enrolment?: EnrolResponse): void;
  /** However the person got in. */
  signedIn(tokens: SessionTokens): void;
  /** False when the base does not let the person in, or does not answer. */
  signInByGrant(http: NodeHttp, asked: GrantSignIn): Promise<boolean>;
  /** The next tokens, once the access token has run out. */
  renew(http: NodeHttp): Promise<boolean>;
}

const keysOfPins = new Map<string, Promise<PinKeys>>();
/** As the browser's tablet derives them where a PIN is typed; each PIN once a process. */
const proofKeyOf = async (pin: string, { salt, rounds }: NonNullable<RosterPerson["pinWrap"]>): Promise<string> => {
  const of = `${pin} ${salt} ${rounds}`;
  const made = keysOfPins.get(of) ?? keysOfPin(pin, salt, rounds);
  keysOfPins.set(of, made);
  return (await made).proof;
};

/** How one of those whom the trust has granted this tablet is let in after typing the PIN; undefined for who has none. */
export const grantSignInOf = async (
  { grant, pinWrap }: RosterPerson,
  pin: string | undefined,
): Promise<GrantSignIn | undefined> => {
  if (grant === undefined || pinWrap === undefined || pin === undefined) return undefined;
  const pinProof = pinProofOf(await proofKeyOf(pin, pinWrap), grant).toString("base64url");
  return { grant, pinProof, strength: "pin" };
};

const demonstrationPins = new Map(
  trusts.flatMap(({ trust }) => demonstrationPeople(trust).map(({ userId, pin }) => [userId, pin] as const)),
);
/** One of the demonstration's people, whose PINs are printed; another on another tablet. */
export const anySignIn = async ({ people, deviceId }: EnrolResponse): Promise<GrantSignIn | undefined> => {
  const known = people.filter(({ userId, pinWrap }) => pinWrap !== undefined && demonstrationPins.has(userId));
  const person = known[Number.parseInt(deviceId.slice(-4), 16) % known.length];
  return person && grantSignInOf(person, demonstrationPins.get(person.userId));
};

export const nodeSession = (): NodeSession => {
  let device: Bearer | undefined;
  let held: EnrolResponse | undefined;
  let tokens: SessionTokens | undefined;
  let renewing: Promise<boolean> | undefined;

  /** `unreachable`: nobody answered, and nothing is known. */
  const ask = async (
    http: NodeHttp,
    path: string,
    body: unknown,
    as: Omit<Bearer, "token">,
  ): Promise<"given" | "refused" | "unreachable"> => {
    const answer = await http.call("POST", path, { body: JSON.stringify(body), as }).catch(() => undefined);
    if (answer === undefined) return "unreachable";
    const read = sessionTokens.safeParse(answer.status === 200 ? jsonOf(answer) : undefined);
    if (read.success) tokens = read.data;
    return read.success ? "given" : "refused";
  };
  /** The server is another than gave the tokens: the certificate and somebody's PIN bring others. */
  const attach = async (http: NodeHttp, key: Omit<Bearer, "token">): Promise<boolean> => {
    const certificate = held?.certificate;
    if (device === undefined || held === undefined || certificate === undefined) return false;
    const signIn = await anySignIn(held);
    const body: AttachRequest = { protocol: protocolVersion, certificate, ...(signIn && { signIn }) };
    const answer = await http
      .call("POST", "/identity/v1/attach", { body: JSON.stringify(body), as: key })
      .catch(() => undefined);
    const token = answer?.status === 200 ? attachResponse.safeParse(jsonOf(answer)).data?.token : undefined;
    if (token === undefined) return false;
    device = { ...device, token };
    return signIn === undefined || (await ask(http, "/identity/v1/sign-in/grant", signIn, device)) === "given";
  };
  const refresh = async (http: NodeHttp): Promise<boolean> => {
    if (device === undefined) return false;
    const { token: _token, ...key } = device;
    const body = tokens && { protocol: protocolVersion, refreshToken: tokens.refreshToken };
    const refreshed = body === undefined ? "refused" : await ask(http, "/identity/v1/refresh", body, key);
    if (refreshed !== "refused") return refreshed === "given";
    tokens = undefined;
    return attach(http, key);
  };

  return {
    bearer: () => device && { ...device, ...(tokens && { token: tokens.accessToken }) },
    isSignedIn: () => tokens !== undefined,
    enrolled: (bearer, enrolment) => {
      device = bearer;
      held = enrolment;
    },
    signedIn: (given) => {
      tokens = given;
    },
    signInByGrant: async (http, asked) =>
      device !== undefined && (await ask(http, "/identity/v1/sign-in/grant", asked, device)) === "given",
    renew: (http) => {
      // A refresh token is spent by its use, so one renewal serves all who wait for it.
      renewing ??= refresh(http).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
  };
};
