import { type RefObject, useEffect, useRef, useState } from "react";

// How wide an element is now: pictures are drawn to fit.
export function useWidth<E extends HTMLElement>(initial: number): [RefObject<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    const watched = element.current;
    if (!watched) {
      return;
    }
    setWidth(watched.clientWidth || initial);
    const observer = new ResizeObserver(() => setWidth(watched.clientWidth || initial));
    observer.observe(watched);
    return () => observer.disconnect();
  }, [initial]);
  return [element, width];
}
