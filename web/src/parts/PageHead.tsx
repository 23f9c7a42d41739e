import { type ReactNode, useEffect } from "react";

// A page's title, also the browser tab's, and what belongs beside it.
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Waybill`;
  }, [title]);
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {children}
    </header>
  );
}
