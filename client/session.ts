import { pinMade } from "#protocol/sign-in.ts";
import type { SyncOutcome } from "#sync/replica.ts";
import type { Client, ClientSnapshot, Link, OpenClientOptions, Person, UnlockResult } from "./client.ts";
import { takeAnswer, takeTokens } from "./contact.ts";
import { createCredentials, type TokenSource } from "./credentials.ts";
import { Database } from "./database.ts";
import { createDeviceTokens, type DeviceTokens } from "./device-tokens.ts";
import { createDrafts } from "./drafts.ts";
import { type Engine, startEngine } from "./engine.ts";
import { enrolDevice, readBoxKey, readDevice, readToken, type StoredDevice } from "./enrolment.ts";
import { createFilms, type Films } from "./film/films.ts";
import { askForSiteKeys } from "./film/site-key-store.ts";
import { type Heartbeats, startHeartbeats } from "./heartbeat.ts";
import { createInboxSealer } from "./inbox.ts";
import type { DeviceIdentity, WrappedKey } from "./keys.ts";
import { openLockedEntries } from "./locked-store.ts";
import { createLockedTablet, type LockedTablet } from "./locked-tablet.ts";
import { createPersonSession } from "./person-session.ts";
import { tryPin } from "./pin.ts";
import type { OpenKeys } from "./roster.ts";
import { download, gatherToKeep } from "./second-way-out.ts";
import { createServers, type Servers } from "./servers.ts";
import type { SignInPlace } from "./sign-in.ts";
import { countWaiting } from "./store.ts";
import { toStoreFailure } from "./store-failure.ts";
import { grantSignInOf, type TabletPerson, tabletEndpoint } from "./tablet-session.ts";
import { things } from "./things.ts";
import { fetchArrivals, fetchRecordAccesses, postJson } from "./transport.ts";
import { takeWriteLock } from "./write-lock.ts";

/** What a round says of the way to the base; undefined where it says nothing. */
export const linkOf = (outcome: SyncOutcome): Link | undefined => {
  if (outcome.result === "store-failed") return undefined;
  if (outcome.result === "done" || outcome.result === "rejected") return "online";
  return outcome.result === "epoch-behind" ? "refused" : outcome.result;
};

/** Before anything is written, sent or heard. */
export const nothingYet = {
  link: "unknown",
  standby: null,
  waiting: 0,
  held: 0,
  quarantined: 0,
  atDesk: 0,
  waitingBlobs: 0,
  lastContactMs: null,
  failure: null,
} satisfies Partial<ClientSnapshot>;

const fresh: ClientSnapshot = {
  ...nothingYet,
  phase: "other-tab",
  enrolment: null,
  person: null,
  signIn: "pin-weak",
  signInUntilMs: null,
  signedIn: null,
  persisted: null,
};

/** Who unlocked a tablet, as the base is told. */
type UnlockedBy = Pick<TabletPerson, "granted" | "strength">;
const unlockedBy = async (
  database: Database,
  userId: string,
  pinKey: CryptoKey,
  byAuthenticator: boolean,
): Promise<UnlockedBy> => {
  const wraps = (await database.get<WrappedKey[]>(things.wraps)) ?? [];
  const grant = wraps.find((wrap) => wrap.userId === userId)?.grant;
  return { granted: grant && { grant, pinKey }, strength: byAuthenticator ? "pin" : "pin-weak" };
};

/** Files that are on their way when a tablet is locked may go on for so long. */
const lingerMs = 120_000;

const screenSession = (database: string, identity: DeviceIdentity, servers: Servers, device: DeviceTokens) =>
  createPersonSession({ identity, servers, device, key: `holdfast.session.${database}`, storage: sessionStorage });

/** Asks the browser not to evict this device's data; it may say no, and then the screen shows so. */
const askToPersist = async (): Promise<boolean | null> => (await navigator.storage?.persist?.()) ?? null;

/**
 * Opens this browser's device: its store, keys and, once enrolled and unlocked, its replica and sync loop. Resolves at
 * once with phase `other-tab` where another tab writes; the client goes on by itself when that one closes.
 */
export const openClient = async ({ app, database: name = `holdfast-${app}` }: OpenClientOptions): Promise<Client> => {
  const database = new Database(name);
  const listeners = new Set<() => void>();
  const pokeListeners = new Set<Parameters<Client["onPoke"]>[0]>();
  let snapshot = fresh;
  let device: StoredDevice | undefined;
  let servers: Servers | undefined;
  let engine: Engine | undefined;
  let films: Films | undefined;
  let locked: LockedTablet | undefined;
  let signInPlace: SignInPlace | undefined;
  let heartbeats: Heartbeats | undefined;
  let lingering: ReturnType<typeof setTimeout> | undefined;
  const drafts = createDrafts(database);

  const change = (part: Partial<ClientSnapshot>) => {
    const same = Object.entries(part).every(([key, value]) => snapshot[key as keyof ClientSnapshot] === value);
    if (same) return;
    snapshot = { ...snapshot, ...part };
    for (const listener of listeners) listener();
  };

  /** Of this device, from its enrolment on; which of them is called survives a lock. */
  const serversOf = ({ enrolment }: Pick<StoredDevice, "enrolment">): Servers => {
    servers ??= createServers(enrolment.serverUrls ?? [enrolment.baseUrl]);
    return servers;
  };

  const stopEngine = () => {
    clearTimeout(lingering);
    engine?.stop();
    engine = undefined;
    films = undefined;
  };

  /** From now on tells the base what this device holds, with this token, and takes over what the answers bring. */
  const startBeating = (tokens: TokenSource, keys?: OpenKeys, onToken?: (token: string) => void): void => {
    heartbeats?.stop();
    if (device === undefined) return;
    const { identity } = device;
    heartbeats = startHeartbeats({
      database,
      identity,
      endpoint: { servers: serversOf(device), credentials: createCredentials(identity, tokens) },
      certificate: () => device?.enrolment.certificate,
      downtimeTag: () => device?.enrolment.downtimeKit?.tag,
      siteKeys: device.enrolment.site && keys && (() => askForSiteKeys(database, keys.dataKey)),
      onAnswer: async (answer) => {
        if (device === undefined) return;
        const taken = await takeAnswer(database, device, answer, keys);
        device = taken.device;
        change({ enrolment: device.enrolment });
        servers?.update(device.enrolment.serverUrls ?? []);
        if (taken.token !== undefined) onToken?.(taken.token);
        engine?.ended(answer.disposed ?? []);
      },
      onWaiting: () => void engine?.syncNow(),
    });
  };

  /** From now on nothing of what this tablet holds can be read in this page. */
  const dropKeys = () => {
    stopEngine();
    heartbeats?.stop();
    const tokens = device && lockedTokens(device);
    locked ??= device && createLockedTablet(database, device, serversOf(device), tokens, change);
    if (tokens !== undefined) startBeating(tokens);
  };
  /** What a locked tablet sends with; undefined where the base gave none. */
  const lockedTokens = ({ identity, enrolment }: StoredDevice): DeviceTokens | undefined => {
    const { pushToken } = enrolment;
    if (pushToken === undefined) return undefined;
    return createDeviceTokens({
      identity,
      servers: serversOf({ enrolment }),
      token: pushToken,
      isLocked: true,
      certificate: () => device?.enrolment.certificate,
      keep: async (answer) => {
        device = await takeTokens(database, device!, answer, undefined);
      },
    });
  };
  const unlocked = () => {
    locked?.stop();
    locked = undefined;
  };

  const start = async (found: StoredDevice, keys: OpenKeys, by?: UnlockedBy): Promise<void> => {
    const { dataKey } = keys;
    const { identity, enrolment } = found;
    const servers = serversOf(found);
    const granted = by?.granted;
    const tokens = createDeviceTokens({
      identity,
      servers,
      token: await readToken(database, dataKey),
      certificate: () => device?.enrolment.certificate,
      ...(granted && { signIn: () => grantSignInOf(granted, by.strength) }),
      keep: async (answer) => {
        device = await takeTokens(database, device!, answer, keys);
        change({ enrolment: device.enrolment });
      },
    });
    const session = found.screenKey && screenSession(name, identity, servers, tokens);
    const endpoint = session
      ? {
          servers,
          credentials: createCredentials(identity, session.tokens),
          readsRecords: () => session.getSnapshot() !== null,
        }
      : tabletEndpoint({
          identity,
          servers,
          device: tokens,
          granted,
          strength: by?.strength ?? "pin-weak",
        });
    const signedIn = () => change({ signedIn: session?.getSnapshot() ?? null });
    session?.subscribe(signedIn);
    signedIn();
    signInPlace = session && { name: enrolment.trustName, endpoint, session };
    const { inboxKey } = found.enrolment;
    const inbox = inboxKey && (await createInboxSealer(inboxKey));
    stopEngine();
    engine = startEngine(database, found.identity, dataKey, endpoint, inbox, {
      onStatus(status) {
        change(status);
        if (snapshot.phase === "locked" && !mustLinger()) dropKeys();
      },
      onOutcome(outcome) {
        const link = linkOf(outcome);
        if (link !== undefined) change({ link });
      },
      onPoke(poke) {
        for (const listener of pokeListeners) listener(poke);
      },
      onReached: () => heartbeats?.reached(),
      onFailure: (failure) => change({ failure }),
    });
    films = createFilms(database, dataKey, () => device ?? found);
    startBeating(tokens, keys, tokens.set);
  };

  /** A locked tablet cannot send files, nor entries to a base that has no inbox. */
  const mustLinger = (): boolean => {
    const { waiting, waitingBlobs } = snapshot;
    return waitingBlobs > 0 || (waiting > 0 && device?.enrolment.inboxKey === undefined);
  };

  const showLocked = () => {
    change({ phase: "locked", person: null });
    if (!mustLinger()) return dropKeys();
    clearTimeout(lingering);
    lingering = setTimeout(dropKeys, lingerMs);
  };

  const load = async (): Promise<void> => {
    try {
      device = await readDevice(database);
      if (device === undefined) return change({ phase: "new" });
      change({ enrolment: device.enrolment });
      if (device.screenKey === undefined) return showLocked();
      await start(device, { dataKey: device.screenKey, authenticator: undefined });
      change({ phase: "ready" });
    } catch (error) {
      change({ phase: "broken", failure: toStoreFailure(error) });
    }
  };

  const ready = (): Engine => {
    if (engine === undefined || snapshot.phase !== "ready")
      throw new Error(`The client is ${snapshot.phase}, not ready.`);
    return engine;
  };

  const lock = await takeWriteLock(name);
  if (lock.taken) await load();
  else void lock.whenTaken.then(load);
  void askToPersist().then((persisted) => change({ persisted }));

  return {
    database: name,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,

    async enrol(baseUrl, code) {
      if (snapshot.phase !== "new") throw new Error(`A device that is ${snapshot.phase} cannot enrol.`);
      device = await enrolDevice(database, app, baseUrl, code);
      change({ enrolment: device.enrolment });
      if (device.screenKey === undefined) return showLocked();
      await start(device, { dataKey: device.screenKey, authenticator: undefined });
      change({ phase: "ready" });
    },

    async unlock(userId, pin): Promise<UnlockResult> {
      if (device === undefined || snapshot.phase !== "locked")
        throw new Error(`The client is ${snapshot.phase}, not locked.`);
      const result = await tryPin(database, device, userId, pin, Date.now());
      if ("refused" in result) {
        const { refused: why, retryAfterMs, triesLeft } = result;
        return { unlocked: false, why, retryAfterMs, triesLeft };
      }
      const { opened, authenticator, untilMs } = result;
      const { dataKey, pinKey } = opened;
      const boxKey = await readBoxKey(database, dataKey);
      unlocked();
      if (boxKey) await openLockedEntries(database, dataKey, boxKey);
      await start(
        device,
        { dataKey, authenticator },
        await unlockedBy(database, userId, pinKey, authenticator !== undefined),
      );
      await drafts.open(dataKey);
      const person: Person | null = device.enrolment.people.find((candidate) => candidate.userId === userId) ?? null;
      change({
        phase: "ready",
        person,
        signIn: authenticator === undefined ? "pin-weak" : "pin",
        signInUntilMs: untilMs,
      });
      return { unlocked: true };
    },

    async letInAgain(code) {
      if (device === undefined || snapshot.phase !== "locked")
        throw new Error(`The client is ${snapshot.phase}, not locked.`);
      await locked?.sendAll();
      const { waiting, held, waitingBlobs } = await countWaiting(database);
      const here = waiting + held + waitingBlobs;
      if (here > 0) throw new Error(`${here} entries or files are not at the base yet. Send them first.`);
      unlocked();
      try {
        device = await enrolDevice(database, app, device.enrolment.baseUrl, code, device);
        change({ enrolment: device.enrolment });
      } finally {
        dropKeys();
      }
    },

    async setPin(asked) {
      const tokens = device && lockedTokens(device);
      if (device === undefined || tokens === undefined) throw new Error("The base takes no PIN from this tablet.");
      const credentials = createCredentials(device.identity, tokens);
      const { name } = await postJson({ servers: serversOf(device), credentials }, "/identity/v1/pin", asked, pinMade);
      // The roster comes with a heartbeat, and what wraps this tablet's key only while it is open.
      const isTold = (await heartbeats?.now()) ?? false;
      return { name, isHere: isTold && snapshot.phase === "ready" };
    },

    lock() {
      if (snapshot.phase !== "ready" || device?.screenKey !== undefined) return;
      // Before the screens go: what they forget on their way out is to be kept.
      const sealed = drafts.close();
      showLocked();
      sealed.catch((error: unknown) => change({ failure: toStoreFailure(error) }));
    },
    drafts,
    async writeLocked(draft) {
      if (snapshot.phase !== "locked" || device === undefined)
        throw new Error(`The client is ${snapshot.phase}, not locked.`);
      locked ??= createLockedTablet(database, device, serversOf(device), lockedTokens(device), change);
      return locked.write(draft);
    },

    get signInPlace() {
      if (signInPlace === undefined) throw new Error("Nobody signs in here but by PIN.");
      return signInPlace;
    },
    get replica() {
      return ready().replica;
    },
    get blobs() {
      return ready().blobs;
    },
    get films() {
      ready();
      return films!;
    },
    accessesOf: async (recordId, before) => fetchRecordAccesses(ready().endpoint, recordId, before),
    opened(recordId, by, reason) {
      if (snapshot.phase === "ready") engine?.opened(recordId, by, reason);
    },
    get earlier() {
      return ready().earlier;
    },
    follow(recordIds) {
      if (snapshot.phase === "ready") engine?.follow(recordIds);
    },
    records: () => ready().store.records(),
    async syncNow() {
      await engine?.syncNow();
    },
    arrivals: async () => fetchArrivals(ready().endpoint),
    onPoke(listener) {
      pokeListeners.add(listener);
      return () => pokeListeners.delete(listener);
    },

    async pushUnsaved(text) {
      return ready().replica.sendPast(text);
    },
    async fileToKeep(also = {}) {
      const writtenAt = new Date().toISOString();
      const file = await gatherToKeep(ready().store, device!.identity.deviceId, also, writtenAt);
      download(`holdfast-${writtenAt.replaceAll(":", "-")}.json`, JSON.stringify(file, null, 2));
    },

    async close() {
      stopEngine();
      heartbeats?.stop();
      unlocked();
      servers?.stop();
      await database.close();
      lock.release();
    },
  };
};
