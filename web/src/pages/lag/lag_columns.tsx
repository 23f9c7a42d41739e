import { Link } from "@/address/Link";
import type { LagGroup } from "@/api/types";
import type { Column } from "@/parts/DataTable";
import { StateMark } from "@/parts/Mark";
import { lagStates } from "@/parts/verdict";
import { formatDuration } from "@/text/format";
import { lagText } from "./lag_text";

type Behind = Pick<LagGroup, "group" | "topic" | "lag" | "lag_time_ms" | "is_lower_bound"> & {
  state: string;
};

// How far a group is behind on a topic: what every list of groups begins with.
export const lagColumns: Column<Behind>[] = [
  {
    key: "group",
    title: "Group",
    cell: (row) => (
      <Link page="lag" query={{ group: row.group, topic: row.topic }} className="code">
        {row.group}
      </Link>
    ),
    value: (row) => row.group,
  },
  {
    key: "topic",
    title: "Topic",
    cell: (row) => <span className="code">{row.topic}</span>,
    value: (row) => row.topic,
  },
  {
    key: "state",
    title: "State",
    cell: (row) => <StateMark looks={lagStates} state={row.state} />,
    value: (row) => row.state,
  },
  {
    key: "lag",
    title: "Lag",
    isNumber: true,
    cell: (row) => lagText(row),
    value: (row) => row.lag,
    hint: "messages that the group has not got yet",
  },
  {
    key: "lag_time_ms",
    title: "Behind",
    isNumber: true,
    cell: (row) => formatDuration(row.lag_time_ms),
    value: (row) => row.lag_time_ms,
    hint: "the age of the oldest of them",
  },
];

export const lagPlaceOf = ({ group, topic }: Behind) => ({ page: "lag" as const, query: { group, topic } });
export const lagKeyOf = ({ group, topic }: Behind) => `${group} ${topic}`;
