import type { ReceivedFilm } from "#client/film/films.ts";
import { Fault } from "#ui/fault.tsx";
import { FilmPlayer } from "#ui/film/film-player.tsx";
import { framesPerSecondDefault } from "#ui/film/frames-per-second.ts";
import { clockTimeSeenFrom } from "#ui/times.ts";
import { useAnswer } from "#ui/use-answer.ts";
import type { Cell } from "../cells/cell.ts";
import { answerTo } from "./answer.ts";

interface ReceiptProps {
  cell: Cell;
  film: ReceivedFilm;
  acceptedBy: string;
  nowMs: number;
}

/** The signed answer, for the camera of the crew's tablet; and as digits, where that has none. */
export const Receipt = ({ cell, film, acceptedBy, nowMs }: ReceiptProps) => {
  const { answer, fault } = useAnswer(() => answerTo(cell, film), [cell, film]);
  return (
    <section className="card padded-card stack receipt-film" aria-labelledby="receipt">
      <h2 id="receipt">
        ✓ Accepted{acceptedBy && ` by ${acceptedBy}`} at {clockTimeSeenFrom(film.acceptedAt ?? film.receivedAt, nowMs)}
      </h2>
      <p>Now hold the crew's tablet to this: it reads the acceptance with its own camera.</p>
      <Fault words={fault} />
      {answer && (
        <>
          <div className="receipt-ground">
            <FilmPlayer
              frameAt={answer.projector.frameAt}
              framesPerSecond={framesPerSecondDefault}
              still={false}
              label="The receipt, for the camera of the crew's tablet"
            />
          </div>
          <p>
            No camera? The code is <b className="receipt-code">{answer.code}</b>
          </p>
        </>
      )}
    </section>
  );
};
