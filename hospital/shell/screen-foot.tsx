import { ThemeChoice } from "#ui/theme-choice.tsx";
import { useCells } from "../cells/use-cells.ts";
import { PersonButton } from "../sign-in/person-button.tsx";
import { Clock } from "./clock.tsx";
import { Connection } from "./connection.tsx";

/** The foot of the screens that the board leads to: who answers, who is signed in, the colours and the time. */
export const ScreenFoot = ({ nowMs }: { nowMs: number }) => {
  const { snapshots } = useCells();
  return (
    <footer className="bar">
      <Connection snapshots={snapshots} nowMs={nowMs} />
      <span className="grow" />
      <PersonButton />
      <ThemeChoice />
      <Clock snapshots={snapshots} />
    </footer>
  );
};
