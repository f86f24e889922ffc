import { journeyOf } from "#domain/handover/journey.ts";
import { Icon } from "#ui/icons.tsx";
import { clockTime } from "#ui/times.ts";
import { useSession } from "../../record/session.tsx";
import { type QuickTile, quickTiles } from "./quick-tiles.ts";

interface QuickBarProps {
  onMore: () => void;
  onDrug: (name: RegExp) => void;
}

/** Always visible: one tap is a time-stamped entry, or opens the one screen it names. */
export const QuickBar = ({ onMore, onDrug }: QuickBarProps) => {
  const { record, write, go } = useSession();
  const press = (tile: QuickTile) => {
    switch (tile.does) {
      case "open":
        return go(tile.screen, tile.detail);
      case "event":
        return void write(
          "event",
          { event: tile.event, ...(tile.toFinish ? { toFinish: tile.toFinish } : {}) },
          { undo: `${tile.event} ${clockTime(Date.now())}` },
        );
      case "drug":
        return onDrug(tile.drug);
      case "more":
        return onMore();
    }
  };
  const destination = record.destination?.body;
  const announced = record.prealert !== undefined;
  const eta = journeyOf(record)?.eta;
  return (
    <nav className="quick-bar" aria-label="Quick log">
      {quickTiles(record).map((tile) => (
        <button
          key={tile.label}
          type="button"
          className="tile"
          data-long={tile.label.length > 9}
          onClick={() => press(tile)}
        >
          <Icon name={tile.icon} size={30} />
          {tile.label}
        </button>
      ))}
      <button type="button" className="tile go" onClick={() => go("prealert")}>
        {announced ? "Pre-alerted" : "Pre-alert"}
        <small>
          {destination?.site?.name ?? "no destination yet"}
          {eta ? ` · ETA ${clockTime(eta)}` : ""}
        </small>
      </button>
    </nav>
  );
};
