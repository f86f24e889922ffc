import { Link } from "wouter";
import { clockTimeSeenFrom } from "#ui/times.ts";
import type { CellSnapshot } from "../cells/cell.ts";
import { shortName } from "../cells/endpoints.ts";
import { atStandby } from "../cells/standby.ts";

/** Whether each trust answers, in words: a board that silently lacks one service is worse than none. */
export const Connection = ({ snapshots, nowMs }: { snapshots: readonly CellSnapshot[]; nowMs: number }) => {
  const silent = snapshots.filter((snapshot) => !snapshot.live);
  const fromStandby = new Set(atStandby(snapshots).map(({ snapshot }) => snapshot));
  const live = snapshots.filter((snapshot) => snapshot.live && !fromStandby.has(snapshot));
  if (snapshots.length > 0 && live.length === snapshots.length)
    return (
      <span className="chip ok" role="status">
        ● {snapshots.length === 2 ? "Both services live" : `All ${snapshots.length} services live`}
      </span>
    );
  return (
    <span className="connections" role="status">
      {fromStandby.size > 0 &&
        live.map(({ endpoint }) => (
          <span key={endpoint.trust} className="chip ok">
            ● {shortName(endpoint)} live
          </span>
        ))}
      {silent.map((snapshot) => (
        <span key={snapshot.endpoint.trust} className="chip wait">
          ▲ {silenceWords(snapshot, nowMs)}
          {snapshot.client.phase === "new" && <Link href="/enrol">Set up</Link>}
        </span>
      ))}
    </span>
  );
};

const silenceWords = ({ endpoint, client, heardAtMs }: CellSnapshot, nowMs: number): string => {
  const name = shortName(endpoint);
  if (client.phase === "new") return `${name}: this screen is not set up there.`;
  if (client.link === "refused") return `${name}: refuses this screen. Set it up again.`;
  if (heardAtMs === null) return `${name}: not heard yet, its patients are missing here`;
  return `${name}: last heard ${clockTimeSeenFrom(heardAtMs, nowMs)}, showing what was known`;
};
