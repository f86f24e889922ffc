import { createContext, type ReactNode, useContext, useId, useLayoutEffect, useRef } from "react";
import "./components.css";

/** Stands beside the Close of every dialog below it: what must be in reach whatever is open. */
export const BesideClose = createContext<ReactNode>(null);

interface DialogProps {
  title: string;
  children: ReactNode;
  onClose: () => void;
  wide?: boolean;
}

/**
 * The browser's own modal dialog: it traps focus, closes on Escape, and gives focus back to where it was. Focus starts on
 * the element marked `data-first`.
 */
export const Dialog = ({ title, children, onClose, wide = false }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // In the layout phase: closed after it has left the page, it would give the focus back to nothing.
  useLayoutEffect(() => {
    const opened = dialog.current;
    if (opened && !opened.open) opened.showModal();
    // Without this the focus starts on Close, and a hurried Enter throws the work away.
    opened?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="row dialog-title">
        <h2 id={titleId} className="grow">
          {title}
        </h2>
        <button type="button" className="button quiet" onClick={onClose}>
          Close
        </button>
        {useContext(BesideClose)}
      </div>
      {children}
    </dialog>
  );
};
