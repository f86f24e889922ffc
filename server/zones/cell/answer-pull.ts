import { limits } from "#protocol/limits.ts";
import type { PulledHeld, PulledLine, PullRequest, PullResponse } from "#protocol/pull.ts";
import type { Cell } from "../../cell.ts";
import type { ReadLine, RecordReader } from "../../logs/record-reader.ts";

type Records = PullResponse["records"];

/**
 * One page of what a client lacks. The cursor of a record passes only lines that are in the page or, quarantined, in
 * nobody's. `logAccess` is awaited before anything is answered.
 */
export const answerPull = async (
  cell: Cell,
  reader: RecordReader,
  request: PullRequest,
  logAccess: (recordIds: string[]) => Promise<void>,
): Promise<Records> => {
  const recordIds = Object.keys(request.records);
  const { epoch } = cell.state();
  const heads = await reader.heads(recordIds);
  const answers: Records = {};
  const wanted: { recordId: string; after: number }[] = [];
  for (const recordId of recordIds) {
    const held = request.records[recordId]!;
    const head = heads.get(recordId);
    // Position 0 is before the first line of every epoch.
    if (head === undefined) answers[recordId] = { refused: "not-in-scope" };
    else if (held.position > 0 && (held.epoch !== epoch || held.position > head))
      answers[recordId] = { rewind: { epoch, position: 0 } };
    else if (held.position === head) answers[recordId] = { lines: [], cursor: { epoch, position: head }, more: false };
    else wanted.push({ recordId, after: held.position });
  }
  if (wanted.length === 0) return answers;

  const linesMax = request.linesMax ?? limits.pullLinesMax;
  const [lines] = await Promise.all([
    reader.lines(wanted, linesMax),
    logAccess(wanted.map(({ recordId }) => recordId)),
  ]);
  const page = fit(lines);
  const byRecord = Map.groupBy(page, (line) => line.recordId);
  const cutAt = page.length < lines.length || lines.length === linesMax ? page.at(-1)?.recordId : undefined;
  let isCut = false;
  for (const { recordId, after } of wanted) {
    const got = byRecord.get(recordId) ?? [];
    isCut ||= recordId === cutAt;
    // Never the head that was read first: a record that left the caller's scope meanwhile has lines that are not here.
    const position = got.at(-1)?.position ?? after;
    answers[recordId] = { lines: got.flatMap(asPulled), cursor: { epoch, position }, more: isCut };
  }
  return answers;
};

/** As many lines as a page holds, and at least one. */
const fit = (lines: readonly ReadLine[]): readonly ReadLine[] => {
  let bytes = 0;
  const end = lines.findIndex((line, i) => {
    bytes += line.text?.length ?? 0;
    return bytes > limits.pullBytesMax && i > 0;
  });
  return end === -1 ? lines : lines.slice(0, end);
};

const asPulled = ({ position, ...line }: ReadLine): PulledLine[] =>
  asHeld(line).map((pulled) => ({ position, ...pulled }));

const asHeld = ({ received, deviceId, hash, text, signature }: Omit<ReadLine, "position">): PulledHeld[] =>
  text === null ? [] : [{ received, deviceId, hash, entry: text, ...(signature !== undefined && { signature }) }];

/** Puts with each record that was read to its end what a standby holds of it beside the log. */
export const addHeld = async (reader: RecordReader, records: Records): Promise<void> => {
  const whole = Object.entries(records).flatMap(([id, read]) => ("lines" in read && !read.more ? [{ id, read }] : []));
  const held = Map.groupBy(await reader.held(whole.map(({ id }) => id)), ({ recordId }) => recordId);
  for (const { id, read } of whole) {
    const entries = held.get(id);
    if (entries) read.held = entries.flatMap(asHeld);
  }
};
