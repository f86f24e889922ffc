import type pg from "pg";
import { texts } from "../postgres/binary-array.ts";

/** Records that one notification names: it holds 8,000 bytes at most. */
const recordsMax = 100;

/** Pokes whoever watches, once the transaction commits, as an append at the base would (PokeBus). */
export const notifyRecords = async (
  client: pg.ClientBase,
  epoch: number,
  heads: ReadonlyMap<string, number>,
  sites: Iterable<string>,
): Promise<void> => {
  const named = [...heads].map(([recordId, position]) => `${recordId}:${position}`);
  const pokes: string[] = [];
  for (let i = 0; i < named.length; i += recordsMax)
    pokes.push([epoch, 0, ...named.slice(i, i + recordsMax)].join(" "));
  await notify(client, "holdfast_care", pokes);
  await notify(client, "holdfast_arrivals", [...sites]);
};

export const notify = async (client: pg.ClientBase, channel: string, payloads: readonly string[]): Promise<void> => {
  if (payloads.length === 0) return;
  await client.query("SELECT pg_notify($1, p.payload) FROM unnest($2::text[]) AS p (payload)", [
    channel,
    texts(payloads),
  ]);
};
