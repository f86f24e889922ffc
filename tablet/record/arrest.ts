/**
 * The record in which an arrest is running, as far as this page has seen it. Going home or to another screen does not end it:
 * what its record says does, or another record that is opened.
 */
let runningIn: string | null = null;

/** Told at each change of the open record. */
export const noteArrest = (recordId: string, isRunning: boolean): void => {
  runningIn = isRunning ? recordId : null;
};

/** Nothing interrupts an arrest: meanwhile the tablet does not lock by itself. */
export const arrestIsRunning = (): boolean => runningIn !== null;
