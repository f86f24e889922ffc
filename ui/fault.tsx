import "./components.css";

/** What went wrong, read out at once; nothing where nothing did. */
export const Fault = ({ words }: { words: string | null }) =>
  words === null ? null : (
    <p className="fault" role="alert">
      {words}
    </p>
  );
