import { type PropsWithChildren, useEffect, useRef } from "react";

// The browser's own modal dialog: it keeps the focus inside, and Escape closes it.
export function Dialog({
  label,
  onClose,
  children,
}: PropsWithChildren<{ label: string; onClose: () => void }>) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onPointerDown={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className="dialog-content">{children}</div>
    </dialog>
  );
}
