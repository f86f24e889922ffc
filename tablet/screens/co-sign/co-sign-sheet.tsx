import { awaitingTexts } from "#domain/co-signature/words.ts";
import { Dialog } from "#ui/dialog.tsx";
import { useSession } from "../../record/session.tsx";
import { useKept } from "../../record/use-kept.ts";
import { lockTablet } from "../../shell/lock.ts";
import { AwaitingLine } from "./awaiting-line.tsx";
import { choiceOf, toSignOf } from "./choice.ts";
import { coSignaturesOf, signersOf } from "./signers.ts";
import "./co-sign.css";

/** What awaits a co-signature, to read and sign. Whoever may not sign sees who can; nothing waits for it. */
export const CoSignSheet = ({ onClose }: { onClose: () => void }) => {
  const { client, record, author, shift, enrolment, write } = useSession();
  const lines = record.awaitingCoSign;
  const ids = lines.map((line) => toSignOf(line).id);
  // What arrives while somebody reads is shown, and not signed unread.
  const [chosen, setChosen] = useKept<string[]>("co-sign chosen", ids);
  const { signable, toSign } = choiceOf(lines, author, chosen);

  const sign = async () => {
    const bodies = coSignaturesOf(toSign);
    const words = toSign.length === 1 ? "Co-signature of 1 entry" : `Co-signature of ${toSign.length} entries`;
    for (const body of bodies) await write("co-signature", body, bodies.length === 1 ? { undo: words } : {});
    onClose();
  };
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));

  return (
    <Dialog title="Co-signature" onClose={onClose} wide>
      <div className="sheet">
        {lines.length === 0 ? <p>Nothing awaits a co-signature.</p> : null}
        {awaitingTexts(record).map((text) => (
          <p key={text}>
            <b>{text}.</b>
          </p>
        ))}
        <ol className="awaiting">
          {lines.map((line) => {
            const { id } = toSignOf(line);
            const choosing = signable.includes(id) && { chosen: chosen.includes(id), onToggle: () => toggle(id) };
            return <AwaitingLine key={id} line={line} record={record} {...choosing} />;
          })}
        </ol>
        {signable.length > 0 ? (
          <div className="actions co-sign-acts">
            <span className="small">You have read them, and answer for them too. What they say stays as it is.</span>
            <span className="grow" />
            <button
              type="button"
              className="btn primary big"
              disabled={toSign.length === 0}
              onClick={() => void sign()}
            >
              {signWords(toSign.length, signable.length)} as {author.name}
            </button>
          </div>
        ) : lines.length > 0 ? (
          <div className="actions co-sign-acts">
            <span>{whoCan(signersOf(shift, enrolment.people, author.userId))} The handover does not wait for it.</span>
            <span className="grow" />
            <button type="button" className="btn" onClick={() => lockTablet(client)}>
              Lock, or change person
            </button>
          </div>
        ) : null}
      </div>
    </Dialog>
  );
};

const signWords = (chosen: number, all: number): string => {
  if (all === 1) return "Sign";
  return chosen === all ? `Sign all ${all}` : `Sign ${chosen} of ${all}`;
};

const whoCan = (names: readonly string[]): string =>
  names.length === 0
    ? "Any crewmate but a student can sign, once they have unlocked this tablet with a PIN of their own."
    : `${names.join(" or ")} can sign, once they have unlocked this tablet with a PIN of their own.`;
