import { useEffect } from "react";
import { isPlain, isTyping } from "./keyboard";

// Keys of a page or of all pages, by what they print. Nothing happens while somebody writes or a dialog is open.
export function useKeys(actions: Record<string, () => void>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actions[event.key];
      if (action && isPlain(event) && !isTyping(event.target) && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        action();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [actions]);
}
