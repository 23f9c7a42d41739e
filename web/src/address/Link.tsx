import type { AnchorHTMLAttributes, MouseEvent } from "react";
import type { Page, Query } from "./address";
import { addressOf, navigate, useAddress } from "./use_address";

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { page: Page; query?: Query };

// A link between these pages. A real link: it can be copied, and opened in another tab.
export function Link({ page, query = {}, onClick, ...others }: Props) {
  useAddress(); // the time range is part of the link
  const href = addressOf(page, query);
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (isPlain && !event.defaultPrevented) {
      event.preventDefault();
      navigate(href);
    }
  };
  return <a {...others} href={href} onClick={follow} />;
}
