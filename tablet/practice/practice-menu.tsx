import { Dialog } from "#ui/dialog.tsx";
import { useTheme } from "#ui/theme.ts";
import { Chips } from "../shell/chips.tsx";
import { useClient } from "../shell/client-context.tsx";
import { lockTablet } from "../shell/lock.ts";
import { themes } from "../shell/themes.ts";

/** What a practice needs of the tablet's own menu. */
export const PracticeMenu = ({ onEnd, onClose }: { onEnd: () => void; onClose: () => void }) => {
  const client = useClient();
  const [theme, setTheme] = useTheme();
  return (
    <Dialog title="This practice" onClose={onClose} wide>
      <div className="sheet">
        <Chips legend="Theme" options={themes} value={theme} onChange={setTheme} />
        <div className="actions">
          <button type="button" className="btn" onClick={onEnd}>
            End the practice
          </button>
          <button type="button" className="btn primary" onClick={() => lockTablet(client)}>
            Lock: ends the practice too
          </button>
        </div>
      </div>
    </Dialog>
  );
};
