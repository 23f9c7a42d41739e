import { useMemo } from "react";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { Lag, LagGroup } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { PageHead } from "@/parts/PageHead";
import { queryOfWindow } from "@/time/range";
import { useTime } from "@/time/use_time";
import { GroupDetail } from "./GroupDetail";
import { LagTable } from "./LagTable";

// How far each group is behind; one of them in detail.
export default function LagPage() {
  const { window } = useTime();
  const asked = useAnswer("/lag", urlOf("/lag", queryOfWindow(window)), "lag");
  return (
    <>
      <PageHead title="Lag" />
      <Answered asked={asked}>{(lag) => <Content lag={lag} />}</Answered>
    </>
  );
}

function Content({ lag }: { lag: Lag }) {
  const [query] = useQuery();
  const group = useMemo(() => choose(lag.groups, query.group, query.topic), [lag, query.group, query.topic]);
  return (
    <>
      <LagTable lag={lag} current={group} />
      {group && <GroupDetail key={`${group.group} ${group.topic}`} group={group} window={lag.window} />}
      {query.group && !group && (
        <p className="hint" role="status">
          Nothing is known of the group {query.group} in this window.
        </p>
      )}
    </>
  );
}

// The group that the address names; else the one that is furthest behind.
function choose(groups: LagGroup[], group: string | undefined, topic: string | undefined): LagGroup | null {
  if (!group) {
    return groups.reduce<LagGroup | null>((most, one) => (most && most.lag >= one.lag ? most : one), null);
  }
  return groups.find((one) => one.group === group && (!topic || one.topic === topic)) ?? null;
}
