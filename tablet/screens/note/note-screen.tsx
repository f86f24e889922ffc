import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { ScreenHeader } from "../../shell/screen-header.tsx";
import { TextField } from "../../shell/text-field.tsx";

/** Free words. Nothing here is ever written by a machine. */
export const NoteScreen = () => {
  const { write, go } = useSession();
  const [text, setText] = useKept("note", "");
  const save = async () => {
    await write("note", { text: text.trim() }, { undo: "Note" });
    go("timeline");
  };
  return (
    <div className="screen">
      <ScreenHeader title="Note" />
      <main className="stack">
        <TextField label="Note" value={text} onChange={setText} rows={10} autoFocus maxLength={20_000} />
      </main>
      <footer className="bar-bottom">
        <span className="grow" />
        <button type="button" className="btn primary big" disabled={text.trim() === ""} onClick={() => void save()}>
          Save note
        </button>
      </footer>
    </div>
  );
};
