import { Link } from "@/address/Link";
import type { Verdict } from "@/api/types";

// What a verdict stands on, and what would make it surer.
export function Evidence({ verdict: { evidence, missing } }: { verdict: Verdict }) {
  if (evidence.length === 0 && missing.length === 0) {
    return null;
  }
  return (
    <details className="evidence" open={missing.length > 0}>
      <summary>
        {evidence.length === 0 ? "No evidence" : `Evidence: ${evidence.length}`}
        {missing.length > 0 && `, missing: ${missing.length}`}
      </summary>
      <ul>
        {evidence.map(({ text, span }) => (
          <li key={`${text} ${span?.span_id}`} className="is-evidence">
            {text}{" "}
            {span?.trace_id && (
              <Link page="trace" query={{ id: span.trace_id, span: span.span_id }}>
                span
              </Link>
            )}
          </li>
        ))}
        {missing.map((text) => (
          <li key={text} className="is-missing">
            <b>missing:</b> {text}
          </li>
        ))}
      </ul>
    </details>
  );
}
