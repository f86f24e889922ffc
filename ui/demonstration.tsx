import "./components.css";

/** On every screen, page and dialog that shows an invented patient: such a record must never be taken for a real one. */
export const DemonstrationMark = ({ short = false }: { short?: boolean }) => (
  <span className="demonstration">
    <b>Demonstration</b>
    {short ? null : ": not a real patient"}
  </span>
);
