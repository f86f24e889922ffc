import type { Undo } from "../record/writer.ts";

/** For a few seconds after a tap: what was recorded, and the way to take it back. */
export const UndoBar = ({ undo, onUndo }: { undo: Undo | null; onUndo: () => void }) => (
  <div role="status">
    {undo === null ? null : (
      <div className="undo">
        ✓ {undo.words} saved
        <button type="button" className="btn" aria-label={`Undo ${undo.words}`} onClick={onUndo}>
          Undo
        </button>
      </div>
    )}
  </div>
);
