import { Link } from "@/address/Link";
import { Icon } from "@/parts/Icon";
import type { Station } from "./way";

// Cards from left to right, with an arrow between two.
export function Stations({ stations, leadsDown = false }: { stations: Station[]; leadsDown?: boolean }) {
  return (
    <ol className={leadsDown ? "stations leads-down" : "stations"}>
      {stations.map(({ key, title, tone, icon, lines, isThere, span }) => (
        <li key={key} className={isThere ? "station" : "station is-ghost"}>
          <h3 className={`tone-${tone}`}>
            <Icon name={icon} /> <span>{title}</span>
          </h3>
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {span?.trace_id && (
            <Link page="trace" query={{ id: span.trace_id, span: span.span_id }} className="station-span">
              span
            </Link>
          )}
          <span className="way-down" />
        </li>
      ))}
    </ol>
  );
}
