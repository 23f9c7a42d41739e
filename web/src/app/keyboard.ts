import type { Page } from "@/address/address";

// What the keys do everywhere. A page's own keys are listed here too, so that "?" can show them.
export interface Key {
  keys: string;
  does: string;
}

export const goTo: Record<string, Page> = {
  o: "overview",
  m: "messages",
  t: "traces",
  f: "flow",
  l: "lag",
  s: "loss",
};

export const help: { title: string; keys: Key[] }[] = [
  {
    title: "Everywhere",
    keys: [
      { keys: "/", does: "find: orders/3@1234, a trace, a key" },
      { keys: "g o", does: "Overview" },
      { keys: "g m", does: "Messages" },
      { keys: "g t", does: "Traces" },
      { keys: "g f", does: "Flow" },
      { keys: "g l", does: "Lag" },
      { keys: "g s", does: "Loss" },
      { keys: "[ ]", does: "half a window earlier, later" },
      { keys: ".", does: "live, paused" },
      { keys: "r", does: "ask again" },
      { keys: "d", does: "theme: system, light, dark" },
      { keys: "?", does: "this help" },
      { keys: "Esc", does: "close" },
    ],
  },
  {
    title: "Lists",
    keys: [
      { keys: "↑ ↓ Home End", does: "walk" },
      { keys: "Enter", does: "open" },
    ],
  },
  {
    title: "Charts",
    keys: [
      { keys: "← →", does: "read the values" },
      { keys: "Enter", does: "choose this moment, or the peak" },
    ],
  },
  {
    title: "A trace",
    keys: [
      { keys: "↑ ↓", does: "the span before, the next" },
      { keys: "← →", does: "fold, unfold" },
      { keys: "e", does: "the next error" },
      { keys: "n N", does: "the next find, the one before" },
      { keys: "c", does: "critical path only" },
      { keys: "+ -", does: "zoom" },
      { keys: "0", does: "all time, the trace's own" },
    ],
  },
];

// Keys belong to a field while somebody writes in it.
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]");
}

export function isPlain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
}
