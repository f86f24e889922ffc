import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from "react";
import { useSession } from "./session.tsx";

/**
 * `useState` for what a crew is typing in the open record: a lock takes the screen away, and the unlock brings it back with
 * this as it was. `name` is the field's, unique in the record; the value must be JSON. Leaving the screen forgets it.
 */
export const useKept = <T>(name: string, initial: T | (() => T)): [T, Dispatch<SetStateAction<T>>] => {
  const { client, recordId } = useSession();
  const { drafts } = client;
  const key = `${recordId} ${name}`;
  const [value, setValue] = useState<T>(() => {
    const kept = drafts.get(key) as T | undefined;
    if (kept !== undefined) return kept;
    return initial instanceof Function ? initial() : initial;
  });
  const first = useRef(value);
  useEffect(() => {
    if (value !== first.current) drafts.set(key, value);
  }, [drafts, key, value]);
  // A locked tablet's drafts are deaf: what a lock takes away is not forgotten.
  useEffect(() => () => drafts.set(key, undefined), [drafts, key]);
  return [value, setValue];
};
