import { Link } from "@/address/Link";
import { urlOf } from "@/api/client";
import type { Flow } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { StateMark } from "@/parts/Mark";
import { impactStates } from "@/parts/verdict";
import { formatDuration, plural } from "@/text/format";
import { queryOfWindow, type Window } from "@/time/range";
import { useTime } from "@/time/use_time";
import { NodeName } from "./NodeName";

type Held = Flow["impact"][number];

// Who waits behind one node, for pages that do not have the flow at hand: at the end of the page's window, or of another.
export function Suffering({ node, until }: { node: string; until?: Window }) {
  const { window } = useTime();
  const url = urlOf("/flow", queryOfWindow(until ?? window));
  const asked = useAnswer("/flow", url, until ? url : "flow");
  return (
    <Answered asked={asked}>
      {(flow) => {
        const mine = flow.impact.filter((held) => held.node === node);
        return mine.length === 0 ? (
          <p className="hint">Nobody, as far as the flow shows.</p>
        ) : (
          <Impact impact={mine} />
        );
      }}
    </Answered>
  );
}

// For each node that holds others up: who waits behind it, and how long.
export function Impact({ impact }: { impact: Held[] }) {
  return (
    <ul className="impact">
      {impact.map((held) => (
        <li key={held.node}>
          <p>
            <StateMark looks={impactStates} state={held.state} /> <NodeName id={held.node} /> {held.text}
          </p>
          {held.waiting.length > 0 && (
            <ul>
              {held.waiting.map(({ node, wait_ms, messages }) => (
                <li key={node}>
                  <NodeName id={node} /> waits {formatDuration(wait_ms)}
                  {messages != null && <>, {plural(messages, "message")}</>}
                  {node.startsWith("group:") && (
                    <>
                      {" "}
                      <Link page="lag" query={{ group: node.slice("group:".length) }}>
                        lag
                      </Link>
                    </>
                  )}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
