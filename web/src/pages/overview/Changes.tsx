import type { Page, Query } from "@/address/address";
import { Link } from "@/address/Link";
import type { Overview } from "@/api/types";
import type { IconName } from "@/parts/Icon";
import { Mark } from "@/parts/Mark";
import type { Tone } from "@/parts/verdict";
import { formatCount, formatDuration, formatRate } from "@/text/format";

type Change = Overview["changes"][number];

const looks: Record<Change["what"], { word: string; tone: Tone; icon: IconName; page: Page }> = {
  rate: { word: "rate", tone: "wait", icon: "overview", page: "flow" },
  errors: { word: "errors", tone: "bad", icon: "warning", page: "loss" },
  latency: { word: "latency", tone: "warn", icon: "hourglass", page: "flow" },
  lag: { word: "lag", tone: "warn", icon: "lag", page: "lag" },
  appeared: { word: "appeared", tone: "mute", icon: "play", page: "flow" },
  vanished: { word: "vanished", tone: "warn", icon: "cross", page: "flow" },
};

// What differs most from the window before; each leads to where it can be looked at.
export function Changes({ changes }: { changes: Change[] }) {
  if (changes.length === 0) {
    return <p className="hint">Nothing that stands out.</p>;
  }
  return (
    <ul className="changes">
      {changes.map((change) => {
        const look = looks[change.what] ?? looks.rate;
        return (
          <li key={`${change.what} ${change.name}`}>
            <Mark tone={look.tone} icon={look.icon} word={look.word} />
            <Link page={look.page} query={queryOf(change)}>
              {change.name}
            </Link>
            <span>{textOf(change)}</span>
          </li>
        );
      })}
    </ul>
  );
}

// The name stands beside it.
function textOf({ what, before, now, text }: Change): string {
  const both = (format: (value: number | null) => string, unit: string) =>
    `${format(before)} → ${format(now)}${unit}`;
  switch (what) {
    case "rate":
      return both(formatRate, "");
    case "errors":
      return both(formatCount, " failed");
    case "latency":
      return both(formatDuration, " end to end, p95");
    case "lag":
      return both(formatCount, " messages behind");
    case "appeared":
    case "vanished":
      return "";
    default:
      return text;
  }
}

function queryOf({ what, name }: Change): Query {
  return what === "lag" ? { group: name } : {};
}
