import type { Client } from "#client/client.ts";

/** Which element had the keyboard, by what a person calls it. Kept with what is half typed: a label may hold a name. */
interface FocusedField {
  tag: string;
  label: string;
  /** Among those of the same tag and label. */
  at: number;
  selection: [number, number] | null;
}

const key = "focus";
const focusable = "input, textarea, select, button, summary";
/** Records open from the store: what was focused is there a moment after the unlock, or not at all. */
const lookForMs = 3_000;

const labelOf = (element: Element): string => {
  const labels = "labels" in element ? ((element as HTMLInputElement).labels ?? []) : [];
  return element.getAttribute("aria-label") ?? labels[0]?.textContent ?? element.textContent ?? "";
};

const sameAs = (tag: string, label: string): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => element.tagName === tag && labelOf(element) === label,
  );

const isText = (element: Element): element is HTMLInputElement | HTMLTextAreaElement =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

/** Before a lock. */
export const rememberFocus = ({ drafts }: Client): void => {
  const element = document.activeElement;
  drafts.set(key, undefined);
  if (!(element instanceof HTMLElement) || !element.matches(focusable)) return;
  const [tag, label] = [element.tagName, labelOf(element)];
  const field: FocusedField = {
    tag,
    label,
    at: sameAs(tag, label).indexOf(element),
    selection: isText(element) ? [element.selectionStart ?? 0, element.selectionEnd ?? 0] : null,
  };
  drafts.set(key, field);
};

/** After an unlock, as soon as the same field is drawn again; it gives up when the person goes on by themselves. */
export const restoreFocus = ({ drafts }: Client): (() => void) => {
  const field = drafts.get(key) as FocusedField | undefined;
  drafts.set(key, undefined);
  if (field === undefined) return () => {};
  const until = performance.now() + lookForMs;
  let frame = 0;
  const look = () => {
    const element = sameAs(field.tag, field.label)[field.at];
    if (element === undefined) {
      if (performance.now() < until) frame = requestAnimationFrame(look);
      return;
    }
    element.focus();
    if (isText(element) && field.selection !== null) element.setSelectionRange(...field.selection);
  };
  const stop = () => cancelAnimationFrame(frame);
  addEventListener("pointerdown", stop, { once: true });
  look();
  return () => {
    stop();
    removeEventListener("pointerdown", stop);
  };
};
