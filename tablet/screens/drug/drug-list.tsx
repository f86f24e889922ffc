import { useKept } from "../../record/use-kept.ts";
import { TextField } from "../../shell/text-field.tsx";

const tilesMax = 12;

interface DrugListProps {
  names: readonly string[];
  chosen: string | null;
  onChoose: (drug: string) => void;
}

/** The twelve most used as tiles, the rest behind them, and a name that is in no list. */
export const DrugList = ({ names, chosen, onChoose }: DrugListProps) => {
  const [all, setAll] = useKept("all drugs", false);
  const [other, setOther] = useKept("other drug", "");
  const shown = all ? names : names.slice(0, tilesMax);
  return (
    <section className="drug-list" aria-label="Drugs">
      <div className="drug-tiles">
        {shown.map((name) => (
          <button
            key={name}
            type="button"
            className="btn"
            aria-pressed={name === chosen}
            onClick={() => onChoose(name)}
          >
            {name}
          </button>
        ))}
      </div>
      {names.length > tilesMax && !all ? (
        <button type="button" className="btn" onClick={() => setAll(true)}>
          All {names.length} drugs
        </button>
      ) : null}
      <div className="other">
        <TextField label="Another drug, by name" value={other} onChange={setOther} maxLength={200} />
        <button type="button" className="btn" disabled={other.trim() === ""} onClick={() => onChoose(other.trim())}>
          Use
        </button>
      </div>
    </section>
  );
};
