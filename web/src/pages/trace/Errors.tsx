import type { Span } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { plural } from "@/text/format";
import { keyOf } from "./timeline";

const most = 12;

// The errors come first: each leads to its span.
export function Errors({ spans, onSelect }: { spans: Span[]; onSelect: (span: Span) => void }) {
  const failed = spans.filter(({ error }) => error != null);
  if (failed.length === 0) {
    return null;
  }
  return (
    <section className="errors" aria-label="Errors" data-test="errors">
      <h2 className="tone-bad">
        <Icon name="warning" /> {plural(failed.length, "error")}
      </h2>
      <ul>
        {failed.slice(0, most).map((span) => (
          <li key={keyOf(span)}>
            <button type="button" onClick={() => onSelect(span)}>
              <b>{span.service}</b> {span.name}: <span className="cut">{span.error}</span>
            </button>
          </li>
        ))}
        {failed.length > most && (
          <li className="hint">and {failed.length - most} more: key e goes from one to the next</li>
        )}
      </ul>
    </section>
  );
}
