import type { Author } from "#domain/entry/entry.ts";
import { useNow } from "#ui/age.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useTheme } from "#ui/theme.ts";
import { clockTime } from "#ui/times.ts";
import { Chips } from "../../shell/chips.tsx";
import { useClient, useSnapshot } from "../../shell/client-context.tsx";
import { lockTablet } from "../../shell/lock.ts";
import { serviceOf } from "../../shell/service.ts";
import { themes } from "../../shell/themes.ts";
import type { VouchedPerson } from "../../sign-in/vouch.ts";

const persistedWords = (persisted: boolean | null): string => {
  if (persisted === null) return "The browser does not say whether it keeps this tablet's store.";
  return persisted
    ? "The browser has promised to keep this tablet's store."
    : "The browser has not promised to keep this tablet's store: install the app, and let entries be sent.";
};

interface MenuSheetProps {
  /** Who writes now. */
  author: Author;
  vouched: readonly VouchedPerson[];
  /** Null: whoever signed in. */
  onWriteAs: (userId: string | null) => void;
  onVouch: () => void;
  onDowntime: () => void;
  onPinCode: () => void;
  /** Absent where a record is open: a practice never comes between a crew and its patient. */
  onPractise?: (() => void) | undefined;
  onClose: () => void;
  onEndShift: () => void;
}

/** Lock, theme, and what this tablet knows about itself. */
export const MenuSheet = ({
  author,
  vouched,
  onWriteAs,
  onVouch,
  onDowntime,
  onPinCode,
  onPractise,
  onClose,
  onEndShift,
}: MenuSheetProps) => {
  const client = useClient();
  const snapshot = useSnapshot();
  const [theme, setTheme] = useTheme();
  const now = useNow(60_000);
  const {
    waiting,
    waitingBlobs,
    held,
    standby,
    quarantined,
    atDesk,
    lastContactMs,
    persisted,
    person,
    signIn,
    enrolment,
  } = snapshot;
  return (
    <Dialog title="This tablet" onClose={onClose} wide>
      <div className="sheet">
        <Chips legend="Theme" options={themes} value={theme} onChange={setTheme} />
        {vouched.length === 0 || person === null ? null : (
          <Chips
            legend="Who writes now"
            options={[
              { value: person.userId, label: person.name },
              ...vouched.map((one) => ({ value: one.userId, label: `${one.name}, vouched for` })),
            ]}
            value={author.userId}
            onChange={(userId) => onWriteAs(userId === person.userId ? null : userId)}
          />
        )}
        <ul className="stack facts">
          <li>{serviceOf(snapshot, now).words}</li>
          <li>
            {waiting} {waiting === 1 ? "entry" : "entries"} and {waitingBlobs} {waitingBlobs === 1 ? "file" : "files"}{" "}
            are only on this tablet.
          </li>
          {held === 0 ? null : (
            <li>
              {held} {held === 1 ? "entry is" : "entries are"} at the standby too, and not yet at the base.
            </li>
          )}
          <li>
            {lastContactMs === null
              ? "The base has not answered since the start."
              : `The ${standby === null ? "base" : "standby"} last answered at ${clockTime(lastContactMs)}.`}
          </li>
          {atDesk === 0 ? null : (
            <li className="flag">
              ! {atDesk} {atDesk === 1 ? "entry" : "entries"} from this tablet wait at the trust's desk, and nobody else
              reads them yet: the desk does not have this tablet in order. Call the desk; go on writing here or on
              another tablet.
            </li>
          )}
          {quarantined === atDesk ? null : (
            <li className="flag">
              ! The base keeps {quarantined - atDesk} {quarantined - atDesk === 1 ? "entry" : "entries"} aside, because
              it could not read them. Tell the trust's desk.
            </li>
          )}
          <li>{persistedWords(persisted)}</li>
          <li>
            Signed in: {person?.name}, {enrolment?.trustName},{" "}
            {signIn === "pin" ? "by PIN and this tablet's authenticator" : "by PIN alone"}.
          </li>
        </ul>
        <div className="actions">
          <button type="button" className="btn" onClick={() => void client.syncNow()}>
            Send now
          </button>
          <button type="button" className="btn" onClick={() => void client.fileToKeep()}>
            Keep a file of what waits
          </button>
          <button type="button" className="btn" onClick={onVouch}>
            Vouch for a crewmate
          </button>
          <button type="button" className="btn" onClick={onDowntime}>
            Downtime: whom to call, paper
          </button>
          {onPractise === undefined ? null : (
            <button type="button" className="btn" onClick={onPractise}>
              Practise: pull the plug
            </button>
          )}
          <button type="button" className="btn" onClick={onPinCode}>
            I have a code for a PIN
          </button>
          <button type="button" className="btn" onClick={onEndShift}>
            End shift
          </button>
          <button
            type="button"
            className="btn primary"
            onClick={() => {
              onClose();
              lockTablet(client);
            }}
          >
            Lock, or change person
          </button>
        </div>
      </div>
    </Dialog>
  );
};
