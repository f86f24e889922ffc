import { EventEmitter } from "node:events";
import pg from "pg";
import { SetupProblem } from "../config.ts";
import { holdKeys } from "../sealing/keys-in-use.ts";

export interface RecordPoke {
  recordId: string;
  epoch: number;
  position: number;
}

interface PokeEvents {
  /** The board of this site changed. */
  arrivals: [siteId: string];
  /** This subject of the control log changed, perhaps through another process. */
  subject: [kind: string, id: string];
  /** This session ended: its tokens are worth nothing from now on. */
  session: [sessionId: string];
  /** A segment of the care log is in the archive. */
  archived: [];
  /** The officers made this server the base. */
  promoted: [];
  /** The connection broke. What answers next may be another database: a standby, or this one restored. */
  lost: [];
  /** Connected again. */
  found: [];
}

/**
 * One listener per cell and process: what any process commits pokes the sockets of all. Its connection is also what tells a
 * rotation of the keys that the process is there.
 */
export class PokeBus extends EventEmitter<PokeEvents> {
  /** Events are named by the record's id, so that a commit wakes only the sockets that watch it. */
  readonly records = new EventEmitter<Record<string, [RecordPoke]>>();
  readonly #url: () => string;
  #client: pg.Client | undefined;
  #closed = false;

  /** `url` is asked at each connection, because a password may have been rotated. */
  constructor(url: () => string) {
    super();
    this.#url = url;
    this.setMaxListeners(0);
    this.records.setMaxListeners(0);
  }

  /** Listens; after a lost connection, again and again. A poke missed meanwhile costs latency only. */
  async open(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url(), keepAlive: true, application_name: "holdfast bus" });
    client.on("notification", ({ channel, payload }) => {
      this.#heard(channel, payload ?? "");
    });
    client.on("error", () => {});
    client.once("end", () => {
      if (this.#closed) return;
      this.emit("lost");
      const again = () => this.open().then(() => this.emit("found"));
      setTimeout(() => void again().catch(() => {}), 1_000).unref();
    });
    await client.connect();
    if (!(await holdKeys(client))) {
      await client.end();
      throw new SetupProblem(
        "keys-rotating",
        "The keys of this trust are being changed just now.",
        "start again when `holdfast keys rotate` says that the zones may start.",
      );
    }
    await client.query(
      "LISTEN holdfast_care; LISTEN holdfast_arrivals; LISTEN holdfast_control; LISTEN holdfast_session; LISTEN holdfast_archive; LISTEN holdfast_life",
    );
    this.#client = client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => {});
  }

  #heard(channel: string, payload: string): void {
    if (channel === "holdfast_arrivals") this.emit("arrivals", payload);
    else if (channel === "holdfast_control") this.emit("subject", ...splitOnce(payload));
    else if (channel === "holdfast_session") this.emit("session", payload);
    else if (channel === "holdfast_life") this.emit("promoted");
    else if (channel === "holdfast_archive") {
      if (payload.startsWith("care ")) this.emit("archived");
    } else {
      const [epoch, before, ...heads] = payload.split(" ");
      for (const head of heads) {
        const [recordId, ord] = head.split(":");
        const poke = { recordId: recordId!, epoch: Number(epoch), position: Number(before) + Number(ord) };
        this.records.emit(poke.recordId, poke);
      }
    }
  }
}

/** `kind id`; an id may hold spaces, a kind none. */
const splitOnce = (payload: string): [string, string] => {
  const at = payload.indexOf(" ");
  return [payload.slice(0, at), payload.slice(at + 1)];
};
