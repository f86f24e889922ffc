import { useState } from "react";
import { Icon } from "#ui/icons.tsx";
import { usePerson } from "./person.ts";
import { WhoAreYou } from "./who-are-you.tsx";

/** Who this screen believes stands before it, and the way to change it. */
export const PersonButton = () => {
  const person = usePerson();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="button quiet" onClick={() => setAsking(true)}>
        <Icon name="person" size={22} />
        {person ? `${person.name}, ${person.role}` : "Sign in"}
      </button>
      {asking && <WhoAreYou onDone={() => setAsking(false)} onClose={() => setAsking(false)} />}
    </>
  );
};
