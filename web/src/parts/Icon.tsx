// Drawn here, so that no font and no network is needed. 16 by 16, the text's colour.
const paths = {
  overview: "M2 9h3l2-5 3 9 2-4h2",
  messages: "M2 4h12v8H2zM2 4l6 5 6-5",
  traces: "M2 4h7M5 8h7M8 12h6",
  flow: "M2 4h3v3H2zM11 2h3v3h-3zM11 11h3v3h-3zM5 5.5h2.5v-2H11M7.500 5.500v7H11",
  lag: "M2 13V3M2 13h12M4 11l3-3 2 1 4-6",
  loss: "M8 2v11M4 14h8M2 5h12M2 5l-1 4h4L4 5M12 5l-1 4h4l-1-4",
  check: "M3 8.500l3.200 3.200L13 5",
  checks: "M1.500 8.500l3 3L11 5M7.500 11.500L14.500 5",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 2.500a5.500 5.500 0 1 0 .01 0M8 5v3.200l2.200 1.600",
  play: "M5 3.500v9l7.500-4.500z",
  question: "M5.500 6a2.500 2.500 0 1 1 3.600 2.200C8.300 8.600 8 9 8 10M8 12.600v.1",
  blocked: "M8 2.500a5.500 5.500 0 1 0 .01 0M4.200 4.200l7.600 7.600",
  warning: "M8 2.500L14.500 13.500h-13zM8 6.500v3.500M8 11.800v.1",
  skip: "M3 4l5 4-5 4zM8 4l5 4-5 4zM13.500 4v8",
  copy: "M5.500 5.500h8v8h-8zM2.500 10.500v-8h8",
  inbox: "M2 9h3.500l1 2h3l1-2H14M2 9l2-5.500h8L14 9v4H2z",
  hourglass:
    "M4 2.500h8M4 13.500h8M5 2.500c0 3 3 4 3 5.500s-3 2.500-3 5.500M11 2.500c0 3-3 4-3 5.500s3 2.500 3 5.500",
  undo: "M3 6h7a3.500 3.500 0 0 1 0 7H6M3 6l3-3M3 6l3 3",
  stop: "M4 4h8v8H4z",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  level: "M2 8h12M10 4l4 4-4 4",
  swap: "M3 5.500h9M9.500 3L12 5.500 9.500 8M13 10.500H4M6.500 8L4 10.500 6.500 13",
  dot: "M8 6.500a1.500 1.500 0 1 0 .01 0",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  below: "M3 6l5 5 5-5",
  refresh: "M13 8a5 5 0 1 1-1.500-3.600M13 2.500v2.800h-2.800",
  search: "M7 2.500a4.500 4.500 0 1 0 .01 0M10.300 10.300L14 14",
  download: "M8 2v8M4.500 7L8 10.500 11.500 7M2.500 13.500h11",
  sun: "M8 5.200a2.800 2.800 0 1 0 .01 0M8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1.100 1.100M11.900 11.900L13 13M3 13l1.100-1.100M11.900 4.100L13 3",
  moon: "M13 9.500A5.500 5.500 0 1 1 6.500 3a4.500 4.500 0 0 0 6.500 6.500z",
  screen: "M2 3h12v8H2zM6 13.500h4",
  link: "M6.500 9.500l3-3M7 4.500l1.500-1.500a2.800 2.800 0 0 1 4 4L11 8.500M9 11.500L7.500 13a2.800 2.800 0 0 1-4-4L5 7.500",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.1M6.500 6.500h.1M9 6.500h.1M11.500 6.500h.1M5 9.500h6",
  service: "M2.500 3h11v4h-11zM2.500 9h11v4h-11zM4.500 5h.1M4.500 11h.1",
  topic: "M2 4h12M2 8h12M2 12h12M5 2.500v11M11 2.500v11",
  group:
    "M5.500 4a2 2 0 1 0 .01 0M11 5a1.600 1.600 0 1 0 .01 0M1.500 13c0-3 2-4 4-4s4 1 4 4M10.500 9.500c2.500-.5 4 1 4 3.500",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, title }: { name: IconName; title?: string }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      role={title ? "img" : undefined}
      aria-hidden={!title}
      aria-label={title}
    >
      <path d={paths[name]} />
    </svg>
  );
}

export const iconPath = (name: IconName): string => paths[name];
