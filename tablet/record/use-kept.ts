import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from "react";
import { useClient } from "../shell/client-context.tsx";
import { useSession } from "./session.tsx";

/**
 * `useState` for what somebody is typing or choosing: a lock takes the screen away, and the unlock brings it back with this as
 * it was. `name` is the field's, unique on the tablet; the value must be JSON. Leaving the screen forgets it.
 */
export const useKeptAlone = <T>(name: string, initial: T | (() => T)): [T, Dispatch<SetStateAction<T>>] => {
  const { drafts } = useClient();
  const [value, setValue] = useState<T>(() => {
    const kept = drafts.get(name) as T | undefined;
    if (kept !== undefined) return kept;
    return initial instanceof Function ? initial() : initial;
  });
  const last = useRef(value);
  useEffect(() => {
    // What is back as it began counts as well: a sheet that was closed must not come back open.
    if (value !== last.current) drafts.set(name, value);
    last.current = value;
  }, [drafts, name, value]);
  // A locked tablet's drafts are deaf: what a lock takes away is not forgotten.
  useEffect(() => () => drafts.set(name, undefined), [drafts, name]);
  return [value, setValue];
};

/** The same for a field of the open record. */
export const useKept = <T>(name: string, initial: T | (() => T)): [T, Dispatch<SetStateAction<T>>] =>
  useKeptAlone(`${useSession().recordId} ${name}`, initial);
